#!/usr/bin/env python3
"""Draws docs/picture.svg: the way of the data, and who reads it. Usage: tools/make_picture.py > docs/picture.svg"""

BOXES = [  # x, y, width, height, title, lines, colour
    (20, 70, 150, 110, "archives", ["zip, zst, gz, csv", "late, replaced,", "corrupt, twice"], "#8d99ae"),
    (220, 70, 150, 110, "bronze", ["byte for byte", "SHA-256, ledger", "quarantine"], "#b08968"),
    (420, 70, 150, 110, "silver.ais", ["one row per", "vessel and time", "day × bucket"], "#6c91bf"),
    (620, 70, 170, 110, "events.ais_gaps", ["open, closed", "versioned, logged", "daily = all at once"], "#2a9d8f"),
    (420, 215, 150, 46, "silver.ais_rejects", ["each with its reason"], "#e07a5f"),
]
ARROWS = [(170, 125, 220, 125, "ingest"), (370, 125, 420, 125, "decode"), (570, 125, 620, 125, "refresh"),
          (340, 180, 420, 238, "")]
READERS = "seine sql · PyIceberg · DuckDB · ClickHouse · Spark: open Iceberg tables, one SQLite catalog, one folder"


def text(x, y, words, size=13, weight="normal", colour="#1d2733"):
    return (f'<text x="{x}" y="{y}" font-size="{size}" font-weight="{weight}" fill="{colour}" '
            f'text-anchor="middle">{words}</text>')


def main():
    out = ['<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 810 340" font-family="system-ui, sans-serif" role="img">',
           "<title>From archives to bronze, silver and events</title>",
           '<rect width="810" height="340" rx="12" fill="#f7f9fb"/>',
           '<defs><marker id="tip" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="7" markerHeight="7" orient="auto">'
           '<path d="M0 0L8 4L0 8z" fill="#445"/></marker></defs>',
           text(405, 36, "every row is accounted for: rows = silver + duplicates + rejects", 15, "bold")]
    for x, y, width, height, title, lines, colour in BOXES:
        out.append(f'<rect x="{x}" y="{y}" width="{width}" height="{height}" rx="8" fill="#fff" stroke="{colour}" '
                   f'stroke-width="2.5"/>')
        middle = x + width / 2
        out.append(text(middle, y + 22, title, 15 if height > 60 else 13, "bold", colour))
        out += [text(middle, y + (46 if height > 60 else 38) + 20 * n, line, 12) for n, line in enumerate(lines)]
    for x1, y1, x2, y2, label in ARROWS:
        out.append(f'<line x1="{x1 + 3}" y1="{y1}" x2="{x2 - 4}" y2="{y2}" stroke="#445" stroke-width="1.8" '
                   f'marker-end="url(#tip)"/>')
        out.append(text((x1 + x2) / 2, y1 - 8, label, 10))
    out.append('<rect x="20" y="285" width="770" height="36" rx="8" fill="#1d2733"/>')
    out.append(text(405, 308, READERS, 13, "normal", "#fff"))
    out.append("</svg>")
    print("\n".join(out))


if __name__ == "__main__":
    main()
