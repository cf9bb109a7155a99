# Copyright 2026 dcat_ros maintainers
# SPDX-License-Identifier: Apache-2.0

"""Print docs/reference.md, generated from the code: `scripts/reference.py > docs/reference.md`."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import fields, is_dataclass, MISSING
import inspect
import json
from pathlib import Path
import re
import sys
from typing import Any, get_origin, NamedTuple
from unittest import mock

from dcat_ros import bags
from dcat_ros.bags import annotation
from dcat_ros.bundles import Manifest
from dcat_ros.commands.dcat import programs
from dcat_ros.evaluation import protocol, sweep
from dcat_ros.evaluation.report import json as results
from dcat_ros.modalities import MODALITIES
from dcat_ros.nodes import simulate
from dcat_ros.nodes.common.sensor_parameters import SensorSettings
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

`python scripts/reference.py > docs/reference.md` generates this page from the code, and a test
fails if the two differ. Names of topics and services are relative to the node's namespace. `~`
stands for the node's name.
"""
NAMESPACE = '/reference'
NOT_LISTED = (
    '`inference` and `recorder` also have the services of every lifecycle node. Two programs have '
    'nodes without services and parameters: `label` publishes `std_msgs/msg/String` on '
    '`/recorder/label`, and `replay` publishes the topics of a bag and, with `--clock`, `/clock`.'
)
OF_EVERY_NODE = ('rcl_interfaces/', 'type_description_interfaces/', 'lifecycle_msgs/')
SENSOR_TOPICS = tuple(
    (topic, kind) for modality in MODALITIES.values()
    for topic, kind in ((modality.topic, '` or `'.join(modality.message_types)),
                        *modality.info.items())
)


class Entry(NamedTuple):
    """A node of the reference.

    :param create: returns the node.
    :param text: what the page says beside the first line of the module's docstring.
    :param subscribes: (topic, type) of the subscriptions that the node creates when it needs them.
    """

    create: Callable[..., Node]
    text: str = ''
    subscribes: Sequence[tuple[str, str]] = ()


NODES = {
    inference: Entry(
        inference.InferenceNode,
        'A lifecycle node. Subscribes to the sensors in use, with the QoS of their publishers.',
        SENSOR_TOPICS,
    ),
    recorder: Entry(
        recorder.RecorderNode,
        'A lifecycle node. Subscribes to `~/label`, to the topics of its `sensors`, and to its '
        '`topics`, with the QoS of their publishers.',
        (('~/label', 'std_msgs/msg/String'), *SENSOR_TOPICS),
    ),
    trainer: Entry(
        trainer.TrainerNode,
        'If `deploy_to` names a node, the trainer subscribes to `/diagnostics` and to the '
        '`label_info` of that node, and calls its `get_parameters` and `set_parameters`.',
        (('/diagnostics', 'diagnostic_msgs/msg/DiagnosticArray'),
         ('inference/label_info', 'vision_msgs/msg/LabelInfo')),
    ),
    monitor: Entry(
        lambda **kwargs: monitor.MonitorNode('inference', print, **kwargs),
        'It has no parameters; `--node` names the inference node.',
    ),
    simulate: Entry(simulate.Simulate),
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
    '`targets`: ': sweep.Sweep,
}
TEXTS = {'Bag': bags, 'labels.csv': annotation, 'report.json': report, 'results.json': results}


class ParserCreated(Exception):  # noqa: N818 - not an error
    """Raised with a program's parser, instead of parsing."""


def table(heads: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Return a Markdown table."""
    lines = [heads, ['---'] * len(heads), *rows]
    return '\n'.join(f'| {" | ".join(" ".join(c.split()) for c in line)} |' for line in lines)


def plain(text: str) -> str:
    """Return reStructuredText as Markdown."""
    return re.sub(r':\w+:`~?(?:[\w.]+\.)?(\w+)`', r'`\1`', text).replace('``', '`')


def summary(thing: Any) -> str:
    """Return a docstring without its fields for parameters and errors."""
    text = inspect.getdoc(thing) or ''
    return plain(re.split(r'^:(?:param|raises)\b', text, maxsplit=1, flags=re.M)[0].strip())


def parameter_texts(kind: type) -> dict[str, str]:
    """Return the description of each parameter in a class's docstring."""
    text = inspect.getdoc(kind) or ''
    entries = re.findall(r'^:param (\w+): (.*?)(?=^\S|\Z)', text, re.M | re.S)
    return {name: plain(entry) for name, entry in entries}


def value(default: Any) -> str:
    """Return a default, '' for none."""
    if default in ('', None):
        return ''
    return f'`{default if isinstance(default, str | Path) else json.dumps(default)}`'


def settings(kind: type) -> str:
    """Return a dataclass's summary and the table of its fields."""
    texts, rows = parameter_texts(kind), []
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
    """Return the table of the sensors' topics and message types."""
    return table(('sensor', 'topic', 'type, one of', 'info topic'), [
        (name, f'`{kind.topic}`', ', '.join(f'`{each}`' for each in kind.message_types),
         ', '.join(f'`{topic}` (`{each}`)' for topic, each in kind.info.items()))
        for name, kind in MODALITIES.items()
    ])


def interfaces(node: Node) -> list[tuple[str, str, str, str]]:
    """Return role, name, type and QoS of the topics and services that a node has at its start."""
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
                rows.append((role, short, kind, offered(node, full)))
    return rows


def offered(node: Node, topic: str) -> str:
    """Return the QoS of a node's publisher, '' if it has none on the topic."""
    for end in node.get_publishers_info_by_topic(topic):
        if end.node_name == node.get_name():
            latched = end.qos_profile.durability is DurabilityPolicy.TRANSIENT_LOCAL
            text = end.qos_profile.reliability.name.lower().replace('_', ' ')
            return f'{text}, latched' if latched else text
    return ''


def parameters(node: Node, names: Iterable[str]) -> str:
    """Return the table of a node's parameters, from their descriptors."""
    rows = []
    for name in names:
        descriptor = node.describe_parameter(name)
        ranges = [*descriptor.floating_point_range, *descriptor.integer_range]
        constraint = descriptor.additional_constraints and f'({descriptor.additional_constraints})'
        fixed = ' Fixed at start.' if descriptor.read_only else ''
        rows.append((
            f'`{name}`',
            Parameter.Type(descriptor.type).name.lower().replace('_', ' '),
            value(node.get_parameter(name).value),
            ''.join(f'{each.from_value:.10g} to {each.to_value:.10g}' for each in ranges),
            f'{descriptor.description} {constraint}{fixed}',
        ))
    return table(('parameter', 'type', 'default', 'range', ''), rows)


def sensor_parameters(settings: SensorSettings) -> str:
    """Return the table of the parameters that each named sensor of a node has."""
    rows = {}
    for setting in dict.fromkeys(setting for each in settings.values() for setting in each):
        having = [modality for modality, each in settings.items() if setting in each]
        parameter = settings[having[0]][setting]
        only = f' Only of {" and ".join(having)}.' if len(having) < len(settings) else ''
        choices = parameter.choices and f'one of {", ".join(parameter.choices)}'
        constraint = choices or parameter.constraint
        rows[setting] = (
            f'`NAME.{setting}`',
            Parameter.Type.from_parameter_value(parameter.default).name.lower().replace('_', ' '),
            value(parameter.default),
            '' if parameter.least is None else f'{parameter.least:.10g} to {parameter.most:.10g}',
            f'{parameter.description}{only} {constraint and f"({constraint})"}',
        )
    return table(('parameter of a sensor', 'type', 'default', 'range', ''), rows.values())


def nodes() -> str:
    """Return the table of all nodes, and their sections."""
    context = Context()
    context.init()
    rows, sections = [], []
    for module, entry in NODES.items():
        node = entry.create(context=context, namespace=NAMESPACE)
        name = node.get_name()
        found = [
            *interfaces(node), *(('subscribes', *each, '') for each in entry.subscribes)
        ]
        names = list(getattr(module, 'PARAMETERS', ()))
        rows.append((f'[{name}](#{name})', *(
            listed(topic for role, topic, _, _ in found if role == wanted)
            for wanted in ('publishes', 'subscribes', 'serves')
        ), listed(names)))
        sections.append(f'### {name}\n\n{summary(module).splitlines()[0]} {entry.text}'.strip())
        sections.append(table(
            ('', 'name', 'type', 'QoS offered'),
            ((role, f'`{topic}`', f'`{kind}`', qos) for role, topic, kind, qos in found),
        ))
        if names:
            sections.append(parameters(node, names))
        if named := getattr(module, 'SENSOR_SETTINGS', {}):
            sections.append(sensor_parameters(named))
        node.destroy_node()
    context.shutdown()
    overview = table(('node', 'publishes', 'subscribes', 'services', 'parameters'), rows)
    return '\n\n'.join((overview, NOT_LISTED, *sections)) + '\n'


def listed(names: Iterable[str]) -> str:
    """Return names as code, separated by commas."""
    return ', '.join(f'`{name}`' for name in names)


def parser_of(main: Callable[..., int]) -> argparse.ArgumentParser:
    """Return the argument parser of a program."""

    def stop(parser: argparse.ArgumentParser, *_: Any) -> None:
        raise ParserCreated(parser)

    with mock.patch.object(argparse.ArgumentParser, 'parse_args', stop):
        try:
            main([])
        except ParserCreated as created:
            return created.args[0]
    raise RuntimeError(f'{main.__module__} parses no arguments')


def program(title: str, parser: argparse.ArgumentParser) -> Iterator[str]:
    """Yield the section of a program, or those of its verbs."""
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
    """Return an argument as a user types it."""
    name = f'{{{",".join(action.choices)}}}' if action.choices else action.dest.upper()
    what = action.metavar or name
    what = {0: '', '?': f'[{what}]', '+': f'{what} [{what} ...]'}.get(action.nargs, what)
    return f'{", ".join(action.option_strings)} {what}'.strip()


def main() -> None:
    """Print the reference."""
    parts = [HEAD, f'## Nodes\n\n{nodes()}', f'## Sensors\n\n{sensors()}\n', '## Programs\n']
    for name, script in programs().items():
        parts += program(f'dcat {name}', parser_of(script.load()))
    parts += ['## Files\n', *(f'{title}{settings(kind)}' for title, kind in SETTINGS.items())]
    parts += [f'### {title}\n\n{summary(module)}\n' for title, module in TEXTS.items()]
    parts += [f'### `dcat train --progress json`\n\n```\n{inspect.getdoc(progress)}\n```\n']
    print('\n'.join(parts), end='')


if __name__ == '__main__':
    sys.exit(main())
