"""A proxy between the program and PostgreSQL that cuts connections at a chosen message, or lets nothing through."""
import socket
import struct
import threading


class Proxy:
    """Forwards to a port of this machine. Messages of clients are counted over all connections, without the start-up ones.

    cut(at, lost=False, text=b""): message number @p at, from 1, of those that hold the text ends its connection: before
    the server gets it, or, with @p lost, after the server got it and before its answer comes back.

    stall(text=None): from now on, or from the first message that holds the text, nothing passes either way, as if the
    server had been stopped: connections are taken, and nobody is answered, until resume().
    """

    def __init__(self, port):
        self.server_port, self.count, self.lock = port, 0, threading.Lock()
        self.at, self.lost, self.text, self.was_cut = None, False, b"", False
        self.flows, self.stall_text, self.is_waited_for = threading.Event(), None, threading.Event()
        self.flows.set()
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        threading.Thread(target=self.accept, daemon=True).start()

    def cut(self, at, lost=False, text=b""):
        with self.lock:
            self.at, self.lost, self.text, self.count, self.was_cut = at, lost, text, 0, False

    def stall(self, text=None):
        self.is_waited_for.clear()
        self.stall_text = text
        if text is None:
            self.flows.clear()

    def resume(self):
        self.stall_text = None
        self.flows.set()

    def pass_on(self, message, target):
        if self.stall_text is not None and self.stall_text in message:
            self.flows.clear()
        if not self.flows.is_set():
            self.is_waited_for.set()
        self.flows.wait()
        target.sendall(message)

    def accept(self):
        while True:
            try:
                client, _ = self.listener.accept()
            except OSError:
                return
            server = socket.create_connection(("127.0.0.1", self.server_port))
            threading.Thread(target=self.from_client, args=(client, server), daemon=True).start()
            threading.Thread(target=self.from_server, args=(server, client), daemon=True).start()

    def is_hit(self, message):
        with self.lock:
            self.count += self.text in message
            hit = self.count == self.at and self.text in message
            self.was_cut = self.was_cut or hit
            return hit

    def from_client(self, client, server):
        first = True
        try:
            while message := read_message(client, first):
                if not first and message[:1] != b"p" and self.is_hit(message):  # p: a password
                    if self.lost:
                        shut(client)  # nothing comes back
                        server.sendall(message)
                        server.sendall(b"X\0\0\0\4")  # the server ends when it has done this
                        while server.recv(65536):
                            pass
                    break
                first = first and is_request(message)
                self.pass_on(message, server)
        except OSError:
            pass
        finally:
            shut(client)
            shut(server)

    def from_server(self, server, client):
        try:
            while data := server.recv(65536):
                self.flows.wait()
                client.sendall(data)
        except OSError:
            pass
        finally:
            shut(server)
            shut(client)

    def close(self):
        self.resume()
        self.listener.close()


def shut(connection):
    try:
        connection.shutdown(socket.SHUT_RDWR)
    except OSError:
        pass


def read_exactly(connection, size):
    data = b""
    while len(data) < size:
        more = connection.recv(size - len(data))
        if not more:
            return b""
        data += more
    return data


def is_request(message):
    """Whether it only asks for encryption: a start-up message follows."""
    return len(message) == 8 and struct.unpack("!I", message[4:])[0] in (80877103, 80877104)


def read_message(connection, first):
    """@return the next message of the protocol, or nothing at the end; the first one has no kind."""
    kind = b"" if first else read_exactly(connection, 1)
    size = read_exactly(connection, 4)
    if len(size) < 4:
        return b""
    return kind + size + read_exactly(connection, struct.unpack("!I", size)[0] - 4)
