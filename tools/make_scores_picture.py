#!/usr/bin/env python3
"""Draws docs/scores.svg: both pair scores of a vessel that sails some hours with one that is seen all day.

Usage: tools/make_scores_picture.py [FILE]
"""
import sys
from pathlib import Path

WIDTH, HEIGHT, LEFT, TOP, SIDE, DEEP = 700, 330, 60, 44, 420, 230
HOURS, SEEN = 24, (2, 6, 12, 24)
INK, GRID = "#33475b", "#d8e0e8"
COLOURS = {"gto": "#c2410c", "gtj": "#1d6fa5"}


def scores(seen, together):
    """Every hour in another cell, so hours and cells give the same number."""
    return {"gto": together / min(seen, HOURS), "gtj": together / (seen + HOURS - together)}


def x_of(together):
    return LEFT + SIDE * together / HOURS


def y_of(score):
    return TOP + DEEP * (1 - score)


def text(x, y, words, anchor="start", colour=INK):
    return f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}" fill="{colour}">{words}</text>'


def axes():
    for score in (0, 0.25, 0.5, 0.75, 1):
        yield f'<path d="M{LEFT} {y_of(score):.1f}H{LEFT + SIDE}" stroke="{GRID}"/>'
        yield text(LEFT - 8, y_of(score) + 4, f"{score:g}", "end")
    for hours in range(0, HOURS + 1, 6):
        yield text(x_of(hours), TOP + DEEP + 18, str(hours), "middle")
    yield text(LEFT + SIDE / 2, TOP + DEEP + 40, "hours together (each in another cell)", "middle")
    yield text(LEFT - 44, TOP - 28, "score of a vessel seen for 2, 6, 12, 24 hours with one seen all day")


def lines():
    for name, colour in COLOURS.items():
        for seen in SEEN:
            points = [(hours, scores(seen, hours)[name]) for hours in range(seen + 1)]
            path = " ".join(f"{x_of(x):.1f},{y_of(y):.1f}" for x, y in points)
            yield f'<polyline points="{path}" fill="none" stroke="{colour}" stroke-width="2"/>'
            end_x, end_y = x_of(points[-1][0]), y_of(points[-1][1])
            yield f'<circle cx="{end_x:.1f}" cy="{end_y:.1f}" r="3" fill="{colour}"/>'
            if name == "gto":
                yield text(end_x, end_y - 8, f"{seen} h", "middle", colour)


def legend():
    for row, (name, words) in enumerate((("gto", "gto: of the shorter day"), ("gtj", "gtj: of both days"))):
        y = TOP + 20 + 22 * row
        yield f'<path d="M{LEFT + SIDE + 14} {y - 4}h18" stroke="{COLOURS[name]}" stroke-width="2"/>'
        yield text(LEFT + SIDE + 38, y, words, colour=COLOURS[name])


def main():
    path = Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).resolve().parent.parent / "docs" / "scores.svg"
    head = (f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" font-family="sans-serif" font-size="12" '
            'role="img" aria-label="gto reaches 1 after every shared hour of a short voyage, gtj only when both days are shared">')
    body = [f'<rect width="{WIDTH}" height="{HEIGHT}" fill="#ffffff"/>', *axes(), *lines(), *legend()]
    path.write_text("\n".join([head, *body, "</svg>"]) + "\n", encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
