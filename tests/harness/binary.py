"""Reading formats of bytes without the libraries that write them."""


def varint(data, at):
    """@return the number of seven bits a byte, least first, that begins at @p at, and where it ends."""
    value = shift = 0
    while True:
        byte = data[at]
        at += 1
        value |= (byte & 0x7F) << shift
        shift += 7
        if byte < 0x80:
            return value, at
