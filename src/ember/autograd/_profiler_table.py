"""A profile as a table of text."""

from __future__ import annotations

from typing import Any

_UNITS = {"s": 1e6, "ms": 1e3, "us": 1.0}


def time_text(microseconds: float, unit: str | None = None) -> str:
    """With the unit that fits, or a given one."""
    if unit is None:
        unit = "s" if abs(microseconds) >= 1e6 else "ms" if abs(microseconds) >= 1e3 else "us"
    return f"{microseconds / _UNITS[unit]:.3f}{unit}"


def memory_text(size: int) -> str:
    """In bytes, KB, MB or GB of 1024."""
    for power, unit in ((3, "GB"), (2, "MB"), (1, "KB")):
        if abs(size) >= 1024**power:
            return f"{size / 1024**power:.2f} {unit}"
    return f"{size} B"


def count_text(count: int) -> str:
    """Floating-point operations in K, M, G or T."""
    for power, unit in ((4, "T"), (3, "G"), (2, "M"), (1, "K")):
        if count >= 1000**power:
            return f"{count / 1000**power:.3f} {unit}FLOPs"
    return f"{count} FLOPs" if count else "--"


def _cut(text: str, width: int) -> str:
    return text if len(text) <= width else text[: width - 3] + "..."


def _columns(rows: list[Any], total: float, memory: bool, flops: bool, unit: str | None) -> list[tuple[str, list[str]]]:
    def share(time: float) -> str:
        return f"{100 * time / total:.2f}%" if total else "NaN"

    columns = [
        ("Self CPU %", [share(row.self_cpu_time_total) for row in rows]),
        ("Self CPU", [time_text(row.self_cpu_time_total, unit) for row in rows]),
        ("CPU total %", [share(row.cpu_time_total) for row in rows]),
        ("CPU total", [time_text(row.cpu_time_total, unit) for row in rows]),
        ("CPU time avg", [time_text(row.cpu_time, unit) for row in rows]),
    ]
    if memory:
        columns.append(("CPU Mem", [memory_text(row.cpu_memory_usage) for row in rows]))
        columns.append(("Self CPU Mem", [memory_text(row.self_cpu_memory_usage) for row in rows]))
    columns.append(("# of Calls", [str(row.count) for row in rows]))
    if flops:
        columns.append(("Total FLOPs", [count_text(row.flops) for row in rows]))
    return columns


def table_of(
    rows: list[Any],
    total: float,
    memory: bool,
    flops: bool,
    widths: tuple[int, int, int],
    header: str | None,
    unit: str | None,
) -> str:
    """One line a row; shapes and lines of Python stand at the end where the rows have them."""
    if not rows:
        return ""
    columns = [("Name", [_cut(row.key, widths[0]) for row in rows])]
    columns += _columns(rows, total, memory, flops, unit)
    if any(row.input_shapes for row in rows):
        columns.append(("Input Shapes", [_cut(str(row.input_shapes or []), widths[2]) for row in rows]))
    if any(row.stack for row in rows):
        columns.append(("Source Location", [_cut((row.stack or [""])[0], widths[1]) for row in rows]))
    sizes = [max(12, len(title), *map(len, texts)) for title, texts in columns]
    line = "  ".join("-" * size for size in sizes)
    lines = [line] if header is None else ["=" * len(line), header, line]
    lines.append("  ".join(title.rjust(size) for (title, _), size in zip(columns, sizes, strict=True)))
    lines.append(line)
    for index in range(len(rows)):
        lines.append("  ".join(texts[index].rjust(size) for (_, texts), size in zip(columns, sizes, strict=True)))
    return "\n".join([*lines, line, f"Self CPU time total: {time_text(total, unit)}", ""])
