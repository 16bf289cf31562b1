"""Draws lines over two axes as SVG, for light and dark pages, as Sources/Plots does."""
import html
import math

WIDTH, LEFT, RIGHT, TOP, BOTTOM = 720, 64, 696, 64, 364
# Colours that people with any kind of colour vision can distinguish: on light, on dark.
COLOURS = [("#0a5fb4", "#6cb6ff"), ("#c2410c", "#ff9d5c"), ("#047857", "#4ade9b"),
           ("#9d174d", "#f48fb8"), ("#5b5b5b", "#b8b8b8")]


def rules(dark):
    """Returns the colours' part of the style sheet."""
    return "".join(
        f".series.s{number}{{stroke:{pair[dark]}}}.dot.s{number}{{fill:{pair[dark]}}}"
        for number, pair in enumerate(COLOURS))


STYLE = f"""\
text{{font-family:system-ui,sans-serif;font-size:13px;fill:#33373d}}
.title{{font-size:15px;font-weight:600}}.tick{{font-size:12px;fill:#5c626b}}
polyline{{fill:none}}.grid{{stroke:#d8dce2}}.axis{{stroke:#7b828c}}
.series{{stroke-width:2;stroke-linejoin:round}}.series.spread{{stroke-width:1}}
{rules(False)}
@media (prefers-color-scheme:dark){{text{{fill:#d5d9df}}.tick{{fill:#a3aab4}}
.grid{{stroke:#3a4048}}.axis{{stroke:#8b929c}}
{rules(True)}}}
.page{{fill:#ffffff;stroke:#d8dce2}}
@media (prefers-color-scheme:dark){{.page{{fill:#14181d;stroke:#3a4048}}}}"""


def line(points, kind):
    """Returns a line through points."""
    path = " ".join(f"{x:.1f},{y:.1f}" for x, y in points)
    return f'<polyline class="{kind}" points="{path}"/>'


def text(words, x, y, kind, anchor="start"):
    """Returns a line of text."""
    return (f'<text class="{kind}" x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}">'
            f"{html.escape(words, quote=False)}</text>")


def ticks(highest):
    """Returns about five round numbers, from zero to one that is not below the highest."""
    rough = (highest or 1) / 5
    unit = 10 ** math.floor(math.log10(rough))
    step = next(unit * factor for factor in (1, 2, 5, 10) if unit * factor >= rough)
    return [step * number for number in range(math.ceil((highest or 1) / step) + 1)]


def number(value):
    """Returns a number as a tick shows it."""
    return f"{value:,.0f}" if value == round(value) else f"{value:g}"


def lines(title, horizontal, vertical, series):
    """Returns an SVG document.

    horizontal and vertical are the names of the axes; series gives each line's points by its name:
    (x, y, lowest y, highest y).
    """
    across = ticks(max(point[0] for points in series.values() for point in points))
    up = ticks(max(point[3] for points in series.values() for point in points))

    def place(x, y):
        return (LEFT + x / across[-1] * (RIGHT - LEFT), BOTTOM - y / up[-1] * (BOTTOM - TOP))

    parts = [text(title, LEFT, 26, "title")]
    for tick in up:
        y = place(0, tick)[1]
        parts += [line([(LEFT, y), (RIGHT, y)], "grid"),
                  text(number(tick), LEFT - 8, y + 4, "tick", "end")]
    for tick in across:
        x = place(tick, 0)[0]
        parts += [line([(x, BOTTOM), (x, BOTTOM + 5)], "axis"),
                  text(number(tick), x, BOTTOM + 20, "tick", "middle")]
    parts += [line([(LEFT, BOTTOM), (RIGHT, BOTTOM)], "axis"),
              text(horizontal, (LEFT + RIGHT) / 2, BOTTOM + 42, "axis-title", "middle"),
              text(vertical, LEFT, TOP - 14, "axis-title")]
    for index, (name, points) in enumerate(series.items()):
        parts += one_line(name, points, index, place)
    height = BOTTOM + 68 + 20 * len(series)
    return "\n".join([
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" role="img">',
        f"<title>{html.escape(title, quote=False)}</title>", "<style>", STYLE, "</style>",
        # The page around the plot may have another colour than the viewer prefers.
        f'<rect class="page" x="0.5" y="0.5" width="{WIDTH - 1}" height="{height - 1}" rx="8"/>',
        *parts, "</svg>", ""])


def one_line(name, points, index, place):
    """Returns a line with its marks, the spread of each point, and its place in the legend."""
    colour = f"s{index % len(COLOURS)}"
    parts = [line([place(x, y) for x, y, _, _ in points], f"series {colour}")]
    for x, y, lowest, highest in points:
        parts.append(line([place(x, lowest), place(x, highest)], f"series spread {colour}"))
        across, up = place(x, y)
        parts.append(f'<circle class="dot {colour}" cx="{across:.1f}" cy="{up:.1f}" r="3.5"/>')
    y = BOTTOM + 72 + 20 * index
    return parts + [line([(LEFT, y - 4), (LEFT + 24, y - 4)], f"series {colour}"),
                    text(name, LEFT + 32, y, "legend")]
