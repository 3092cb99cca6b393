"""Results for a terminal."""

from __future__ import annotations

from typing import Any

from rich.console import Console
from rich.markup import escape
from rich.table import Table

COLOURS = {"pass": "green", "fail": "red", "threshold-missed": "red"}


def coloured(verdict: str) -> str:
    """A verdict in rich's markup."""
    colour = COLOURS.get(verdict, "yellow")
    return f"[{colour}]{verdict}[/{colour}]"


def result(console: Console, value: dict[str, Any]) -> None:
    """The whole of a result, the verdict last."""
    if value["checks"]:
        console.print(_checks(value["checks"]))
    if value["updates"]:
        console.print(_updates(value["updates"]))
    if value["metrics"]:
        console.print(_metrics(value["metrics"]))
    if value["reason"]:
        console.print(f"[red]{escape(value['reason'])}[/red]", soft_wrap=True, highlight=False)
    console.print(f"[bold]{value['scenario']}: {coloured(value['verdict'])}[/bold]")


def moments(console: Console, value: dict[str, Any]) -> None:
    """What was explored or replayed: each moment, the smallest that fails, the verdict last."""
    table = Table(box=None)
    for name in ("ID", "moment", "", "failed checks"):
        table.add_column(name)
    for moment in value["moments"]:
        verdict = coloured(moment["verdict"])
        table.add_row(moment["id"], moment["moment"], verdict, ", ".join(moment["failed"]))
    console.print(table)
    if smallest := value.get("smallest"):
        console.print(f"smallest that fails: {escape(smallest['moment'])}", soft_wrap=True)
        console.print(f"  {escape(smallest['evidence'])}", soft_wrap=True, highlight=False)
        console.print(f"  [bold]{value['replay']}[/bold]", soft_wrap=True, highlight=False)
    if replayed := value.get("replayed"):
        _replayed(console, replayed, value)
    if value["reason"]:
        console.print(f"[red]{escape(value['reason'])}[/red]", soft_wrap=True, highlight=False)
    failing = sum(1 for m in value["moments"][: value.get("explored")] if m["verdict"] == "fail")
    tried = value.get("explored", len(value["moments"]))
    verdict = coloured(value["verdict"])
    console.print(
        f"[bold]{value['scenario']}: {failing} of {tried} moments fail: {verdict}[/bold]",
        highlight=False,
    )


def _replayed(console: Console, replayed: dict[str, Any], value: dict[str, Any]) -> None:
    for line in replayed["other_builds"]:
        console.print(f"another build than when it was explored: {line}", soft_wrap=True)
    for moment in value["moments"]:
        if moment["evidence"]:
            console.print(f"  {escape(moment['evidence'])}", soft_wrap=True, highlight=False)
    same = "the same" if replayed["same"] else "[red]not the same[/red]"
    recorded, now = coloured(replayed["recorded"]), coloured(value["verdict"])
    console.print(f"recorded {recorded}, now {now}: {same}", highlight=False)


def _checks(checks: list[dict[str, str]]) -> Table:
    table = Table(box=None, show_header=False)
    for check in checks:
        table.add_row(coloured(check["verdict"]), check["name"], check["evidence"])
    return table


def _updates(updates: list[dict[str, Any]]) -> Table:
    table = Table(title="updates, µs", title_justify="left", box=None)
    columns = ["stop_us", "load_us", "unroll_us", "map_us", "rebuild_us", "total_us"]
    for name in ("step", "round", "processes", "threads"):
        table.add_column(name)
    for name in columns:
        table.add_column(name.removesuffix("_us"), justify="right")
    for update in updates:
        if not update["applied"]:
            table.add_row(update["id"], str(update["round"] + 1), "[red]not applied[/red]")
            continue
        figures = [str(update[key]) for key in ("processes", "threads", *columns)]
        table.add_row(update["id"], str(update["round"] + 1), *figures)
    return table


def _metrics(metrics: dict[str, Any]) -> Table:
    table = Table(title="ratios to the baseline", title_justify="left", box=None)
    for name in ("metric", "arm", "ratio", "bounds", "floor", "wanted", ""):
        table.add_column(name)
    for name, metric in metrics.items():
        for arm, figures in metric["arms"].items():
            table.add_row(
                name,
                arm,
                f"{figures['ratio']:.4f}",
                f"{figures['low']:.4f} … {figures['high']:.4f}",
                f"± {figures['floor']:.4f}",
                metric["overhead"],
                coloured(figures["verdict"]),
            )
    return table


def comparison(console: Console, old: dict[str, Any], new: dict[str, Any]) -> None:
    """Two results side by side: what changed its verdict, and every figure."""
    table = Table(box=None)
    for name in ("", "A", "B"):
        table.add_column(name)
    table.add_row("verdict", coloured(old["verdict"]), coloured(new["verdict"]))
    for key, (left, right) in paired(old, new).items():
        table.add_row(key, left, right)
    console.print(table)


def paired(old: dict[str, Any], new: dict[str, Any]) -> dict[str, tuple[str, str]]:
    """Every check, pause and ratio of two results, `–` where one has none."""
    left, right = figures(old), figures(new)
    return {key: (left.get(key, "–"), right.get(key, "–")) for key in {**left, **right}}


def figures(value: dict[str, Any]) -> dict[str, str]:
    """A result as one flat table."""
    table = {f"check {c['name']}": c["verdict"] for c in value["checks"]}
    for update in value["updates"]:
        table[f"update {update['id']} {update['round'] + 1} total_us"] = str(update["total_us"])
    for name, metric in value["metrics"].items():
        for arm, arm_figures in metric["arms"].items():
            table[f"{name} {arm}"] = f"{arm_figures['ratio']:.4f}"
    return table
