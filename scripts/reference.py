# Copyright 2026 dcat_ros maintainers
# SPDX-License-Identifier: Apache-2.0

"""Print docs/reference.md, drawn up from the code: `scripts/reference.py > docs/reference.md`."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import fields, is_dataclass, MISSING
import inspect
import json
from pathlib import Path
import re
import sys
from types import ModuleType
from typing import Any, get_origin
from unittest import mock

from dcat_ros import bags
from dcat_ros.bags import annotation
from dcat_ros.bundles import Manifest
from dcat_ros.commands.dcat import programs
from dcat_ros.evaluation import protocol
from dcat_ros.evaluation.report import json as results
from dcat_ros.modalities import MODALITIES
from dcat_ros.nodes import simulate
from dcat_ros.nodes.inference import node as inference
from dcat_ros.nodes.monitor import node as monitor
from dcat_ros.nodes.recorder import node as recorder
from dcat_ros.nodes.trainer import node as trainer
from dcat_ros.reports import document as report
from dcat_ros.training import config, progress
from dcat_ros.training.augment import AUGMENTATIONS
from dcat_ros.windows import WindowSpec
from rclpy.context import Context
from rclpy.node import Node
from rclpy.parameter import Parameter
from rclpy.qos import DurabilityPolicy

HEAD = """\
# Reference

Drawn up from the code by `python scripts/reference.py > docs/reference.md`; a test fails where the
two differ. Names of topics and services are relative to a node's namespace, `~` is its own name.
"""
NAMESPACE = '/reference'
OF_EVERY_NODE = ('rcl_interfaces/', 'type_description_interfaces/', 'lifecycle_msgs/')
NODES: dict[ModuleType, tuple[Callable[..., Node], str]] = {
    inference: (
        inference.InferenceNode,
        'A lifecycle node. Subscribes to the sensors in use, with the QoS that is offered.',
    ),
    recorder: (
        recorder.RecorderNode,
        'A lifecycle node. Subscribes to `~/label` (`std_msgs/msg/String`), to the topics of its '
        '`sensors`, and to its `topics`, with the QoS that is offered.',
    ),
    trainer: (
        trainer.TrainerNode,
        'Where `deploy_to` names a node, it subscribes to `/diagnostics` and `label_info` of that '
        'node, and calls its `get_parameters` and `set_parameters`.',
    ),
    monitor: (
        lambda **kwargs: monitor.MonitorNode('inference', print, **kwargs),
        'Without parameters; `--node` names the inference node.',
    ),
    simulate: (simulate.Simulate, ''),
}
SETTINGS: dict[str, type] = {
    '### Bundle: manifest.yaml\n\n': Manifest,
    '`window`: ': WindowSpec,
    **{f'`features` of {name}: ': kind for name, kind in MODALITIES.items()},
    '### Recipe\n\n': config.Config,
    '`fit`: ': config.Fit,
    '`protocol`: ': config.Protocol,
    '`sampling`: ': config.Sampling,
    '`card`: ': config.CardTexts,
    **{f'`augment` of {name}: ': kind for name, kind in AUGMENTATIONS.items()},
    '### Protocol\n\n': protocol.Study,
    '`directions`: ': protocol.Direction,
    '`splits`: ': protocol.Splits,
    '`out_of_distribution`: ': protocol.Subjects,
    '`in_distribution`, `source_split`: ': protocol.Drawn,
}
TEXTS = {'Bag': bags, 'labels.csv': annotation, 'report.json': report, 'results.json': results}


class Parsing(Exception):  # noqa: N818 - it is no error
    """Raised with a program's parser, where it would parse."""


def table(heads: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Return a Markdown table."""
    lines = [heads, ['---'] * len(heads), *rows]
    return '\n'.join(f'| {" | ".join(" ".join(c.split()) for c in line)} |' for line in lines)


def plain(text: str) -> str:
    """Return reStructuredText as Markdown."""
    return re.sub(r':\w+:`~?(?:[\w.]+\.)?(\w+)`', r'`\1`', text).replace('``', '`')


def summary(thing: Any) -> str:
    """Return a docstring without what it says of parameters and errors."""
    text = inspect.getdoc(thing) or ''
    return plain(re.split(r'^:(?:param|raises)\b', text, maxsplit=1, flags=re.M)[0].strip())


def told(kind: type) -> dict[str, str]:
    """Return what a class's docstring says of each parameter."""
    text = inspect.getdoc(kind) or ''
    entries = re.findall(r'^:param (\w+): (.*?)(?=^\S|\Z)', text, re.M | re.S)
    return {name: plain(entry) for name, entry in entries}


def value(default: Any) -> str:
    """Return a default, '' for none."""
    if default in ('', None):
        return ''
    return f'`{default if isinstance(default, str | Path) else json.dumps(default)}`'


def settings(kind: type) -> str:
    """Return what a dataclass is, and the table of its fields."""
    texts, rows = told(kind), []
    for each in fields(kind):
        made = each.default_factory() if each.default_factory is not MISSING else each.default
        shown = 'required' if made is MISSING else '' if is_dataclass(made) else value(made)
        name = each.type.__name__ if isinstance(each.type, type) else str(each.type)
        name = str(each.type) if get_origin(each.type) else name
        rows.append(
            (f'`{each.name}`', name.replace('typing.', ''), shown, texts.get(each.name, ''))
        )
    return f'{summary(kind)}\n\n{table(("field", "type", "default", ""), rows)}\n'


def sensors() -> str:
    """Return the table of what carries each sensor."""
    return table(('sensor', 'topic', 'type, one of', 'described on'), [
        (name, f'`{kind.topic}`', ', '.join(f'`{each}`' for each in kind.message_types),
         ', '.join(f'`{topic}` (`{each}`)' for topic, each in kind.info.items()))
        for name, kind in MODALITIES.items()
    ])


def interfaces(node: Node) -> str:
    """Return the table of the topics and services that a node has from its start."""
    own = node.get_name(), node.get_namespace()
    rows = []
    for role, found in (
        ('publishes', node.get_publisher_names_and_types_by_node(*own)),
        ('subscribes', node.get_subscriber_names_and_types_by_node(*own)),
        ('serves', node.get_service_names_and_types_by_node(*own)),
    ):
        for full, (kind, *_) in found:
            if not kind.startswith(OF_EVERY_NODE):
                short = full.replace(f'{NAMESPACE}/{own[0]}/', '~/').removeprefix(f'{NAMESPACE}/')
                rows.append((role, f'`{short}`', f'`{kind}`', offered(node, full)))
    return table(('', 'name', 'type', 'QoS offered'), rows)


def offered(node: Node, topic: str) -> str:
    """Return the QoS that a node publishes with, '' if it does not publish."""
    for end in node.get_publishers_info_by_topic(topic):
        if end.node_name == node.get_name():
            latched = end.qos_profile.durability is DurabilityPolicy.TRANSIENT_LOCAL
            text = end.qos_profile.reliability.name.lower().replace('_', ' ')
            return f'{text}, latched' if latched else text
    return ''


def parameters(node: Node, names: Iterable[str]) -> str:
    """Return the table of a node's parameters, as it describes them itself."""
    rows = []
    for name in names:
        its = node.describe_parameter(name)
        ranges = [*its.floating_point_range, *its.integer_range]
        constraint = its.additional_constraints and f'({its.additional_constraints})'
        rows.append((
            f'`{name}`',
            Parameter.Type(its.type).name.lower().replace('_', ' '),
            value(node.get_parameter(name).value),
            ''.join(f'{each.from_value:.10g} to {each.to_value:.10g}' for each in ranges),
            f'{its.description} {constraint}{" Fixed at start." if its.read_only else ""}',
        ))
    return table(('parameter', 'type', 'default', 'range', ''), rows)


def nodes() -> Iterator[str]:
    """Yield the sections of the nodes."""
    context = Context()
    context.init()
    for module, (make, text) in NODES.items():
        node = make(context=context, namespace=NAMESPACE)
        yield f'### {node.get_name()}\n\n{summary(module).splitlines()[0]} {text}'.strip() + '\n'
        yield f'{interfaces(node)}\n'
        if names := getattr(module, 'PARAMETERS', None):
            yield f'{parameters(node, names)}\n'
        node.destroy_node()
    context.shutdown()


def parser_of(main: Callable[..., int]) -> argparse.ArgumentParser:
    """Return the parser that a program makes."""

    def stop(parser: argparse.ArgumentParser, *_: Any) -> None:
        raise Parsing(parser)

    with mock.patch.object(argparse.ArgumentParser, 'parse_args', stop):
        try:
            main([])
        except Parsing as parsing:
            return parsing.args[0]
    raise RuntimeError(f'{main.__module__} parses no arguments')


def program(title: str, parser: argparse.ArgumentParser) -> Iterator[str]:
    """Yield the section of a program, or of those within it."""
    rows = []
    for action in parser._actions:
        if isinstance(action, argparse._SubParsersAction):
            for name, inner in action.choices.items():
                yield from program(f'{title} {name}', inner)
            return
        if action.dest != 'help':
            has_default = action.nargs != 0 and action.default not in (None, float('inf'), [])
            shown = value(action.default) if has_default else ''
            text = (action.help or '') % vars(action)
            rows.append((f'`{usage(action)}`', 'required' if action.required else shown, text))
    yield f'### {title}\n\n{inspect.cleandoc(parser.description or "")}\n'
    if rows:
        yield f'{table(("argument", "default", ""), rows)}\n'


def usage(action: argparse.Action) -> str:
    """Return an argument as one types it."""
    name = f'{{{",".join(action.choices)}}}' if action.choices else action.dest.upper()
    what = action.metavar or name
    what = {0: '', '?': f'[{what}]', '+': f'{what} [{what} ...]'}.get(action.nargs, what)
    return f'{", ".join(action.option_strings)} {what}'.strip()


def main() -> None:
    """Print the reference."""
    parts = [HEAD, f'## Sensors\n\n{sensors()}\n', '## Nodes\n', *nodes(), '## Programs\n']
    for name, script in programs().items():
        parts += program(f'dcat {name}', parser_of(script.load()))
    parts += ['## Files\n', *(f'{title}{settings(kind)}' for title, kind in SETTINGS.items())]
    parts += [f'### {title}\n\n{summary(module)}\n' for title, module in TEXTS.items()]
    parts += [f'### `dcat train --progress json`\n\n```\n{inspect.getdoc(progress)}\n```\n']
    print('\n'.join(parts), end='')


if __name__ == '__main__':
    sys.exit(main())
