"""Writes templates.json: what Python's jinja2 makes of templates, set up as the library transformers sets it up for chat templates.

Run: python3 templates.py FOLDER [TEMPLATES…], FOLDER of the test's resources. The cases are written here, in the manner of the templates of many model families; files named after FOLDER are
rendered too and printed to templates-extra.json in the working folder, which is not committed. A case is a template, values, and its text or "error".
"""
import datetime
import json
import pathlib
import sys

import jinja2
from jinja2.ext import Extension, loopcontrols
from jinja2.sandbox import ImmutableSandboxedEnvironment

NOW = datetime.datetime(2026, 2, 3, 14, 5, 6)


class Generation(Extension):
    tags = {"generation"}

    def parse(self, parser):
        line = next(parser.stream).lineno
        return jinja2.nodes.Scope(parser.parse_statements(["name:endgeneration"], drop_needle=True)).set_lineno(line)


def fail(message):
    raise jinja2.exceptions.TemplateError(message)


def environment():
    # The last newline is taken off behind a tag alone, as Lexer.java says why: render() does that.
    e = ImmutableSandboxedEnvironment(trim_blocks=True, lstrip_blocks=True, keep_trailing_newline=True, extensions=[Generation, loopcontrols])
    e.filters["tojson"] = lambda x, ensure_ascii=False, indent=None, separators=None, sort_keys=False: json.dumps(
        x, ensure_ascii=ensure_ascii, indent=indent, separators=separators, sort_keys=sort_keys)
    e.globals["raise_exception"] = fail
    e.globals["strftime_now"] = lambda f: NOW.strftime(f)
    return e


def render(template, values):
    try:
        return {"text": environment().from_string(template[:-1] if template.endswith("}\n") else template).render(**values)}
    except Exception as problem:  # whatever it is, the template did not render
        return {"error": type(problem).__name__}


U = lambda c: {"role": "user", "content": c}
A = lambda c: {"role": "assistant", "content": c}
S = lambda c: {"role": "system", "content": c}
TOOLS = [{"type": "function", "function": {"name": "weather", "description": "Tells the \"weather\" <now> & später", "parameters": {
    "type": "object", "properties": {"place": {"type": "string"}, "days": {"type": "integer", "default": 1}}, "required": ["place"]}}}]
CALL = {"role": "assistant", "content": "", "tool_calls": [{"type": "function", "id": "abcdefghi", "function": {"name": "weather", "arguments": {"place": "Graz", "days": 2, "f": 1.5, "ok": True, "no": None}}}]}
TALKS = [
    [U("Hello")],
    [S("Be brief."), U("Hi\nthere  ")],
    [U(" a "), A("b"), U("c")],
    [S("é\u4e2d\U0001f600"), U("1"), A("<think>\nhm\n</think>\n\nanswer"), U("2"), A(" x "), U("3")],
    [U("weather?"), CALL, {"role": "tool", "name": "weather", "tool_call_id": "abcdefghi", "content": "{\"t\": 3}"}, A("Cold."), U("thanks")],
    [A("first"), U("second")],
    [U("x"), U("y")],
    [],
]
COMMON = {"bos_token": "<s>", "eos_token": "</s>", "documents": None}
FAMILIES = {
    "chatml": "{% for m in messages %}{{'<|im_start|>' + m['role'] + '\n' + m['content'] + '<|im_end|>' + '\n'}}{% endfor %}{% if add_generation_prompt %}{{ '<|im_start|>assistant\n' }}{% endif %}",
    "chatml-default-system": "{% for message in messages %}{% if loop.first and messages[0]['role'] != 'system' %}{{ '<|im_start|>system\nHelp.<|im_end|>\n' }}{% endif %}{{'<|im_start|>' + message['role'] + '\n' + message['content'] + '<|im_end|>' + '\n'}}{% endfor %}{% if add_generation_prompt %}{{ '<|im_start|>assistant\n' }}{% endif %}",
    "inst-alternating": "{{ bos_token }}{% for message in messages %}{% if (message['role'] == 'user') != (loop.index0 % 2 == 0) %}{{ raise_exception('roles must alternate') }}{% endif %}{% if message['role'] == 'user' %}{{ '[INST] ' + message['content'] + ' [/INST]' }}{% elif message['role'] == 'assistant' %}{{ message['content'] + eos_token}}{% else %}{{ raise_exception('only user and assistant') }}{% endif %}{% endfor %}",
    "sys-in-first": "{% if messages[0]['role'] == 'system' %}{% set loop_messages = messages[1:] %}{% set system_message = messages[0]['content'] %}{% else %}{% set loop_messages = messages %}{% set system_message = false %}{% endif %}{% for message in loop_messages %}{% if loop.index0 == 0 and system_message != false %}{% set content = '<<SYS>>\\n' + system_message + '\\n<</SYS>>\\n\\n' + message['content'] %}{% else %}{% set content = message['content'] %}{% endif %}{% if message['role'] == 'user' %}{{ bos_token + '[INST] ' + content.strip() + ' [/INST]' }}{% elif message['role'] == 'assistant' %}{{ ' '  + content.strip() + ' ' + eos_token }}{% endif %}{% endfor %}",
    # In the manner of gpt-oss: a system message that is always there, instructions as a developer's, tools as types, and messages in channels.
    "channels": """{%- macro type_of(spec) -%}
    {%- if spec.enum is defined -%}
        {{- '"' + spec.enum | join('" | "') + '"' -}}
    {%- elif spec.type is string and spec.type == "array" -%}
        {{- type_of(spec["items"]) ~ "[]" if spec["items"] is defined else "any[]" -}}
    {%- elif spec.type is iterable and spec.type is not string -%}
        {{- spec.type | join(" | ") -}}
    {%- elif spec.type in ("integer", "number") -%}
        {{- "number" -}}
    {%- elif spec.type == "object" and spec.properties -%}
        {{- "{\\n" }}
        {%- for name, inner in spec.properties.items() -%}
            {{- name + ("" if name in (spec.required or []) else "?") + ": " + type_of(inner) }}
            {%- if not loop.last %}, {% endif -%}
        {%- endfor -%}
        {{- "}" -}}
    {%- else -%}
        {{- spec.type or "any" -}}
    {%- endif -%}
{%- endmacro -%}
{%- macro namespace_of(name, tools) -%}
    {{- "## " + name + "\\n\\nnamespace " + name + " {\\n\\n" }}
    {%- for tool in tools %}
        {%- set tool = tool.function %}
        {{- "// " + tool.description + "\\ntype " + tool.name + " = (" }}
        {%- if tool.parameters and tool.parameters.properties %}
            {{- "_: {\\n" }}
            {%- for param, spec in tool.parameters.properties.items() %}
                {%- if spec.description %}{{- "// " + spec.description + "\\n" }}{%- endif %}
                {{- param }}
                {%- if param not in (tool.parameters.required or []) %}{{- "?" }}{%- endif -%}
                {{- ": " + type_of(spec) }}
                {%- if spec.default is defined %}{{- ", // default: " + (spec.default if spec.default is string else spec.default | tojson) }}{%- endif %}
                {{- ",\\n" }}
            {%- endfor %}
            {{- "}" }}
        {%- endif %}
        {{- ") => any;\\n\\n" }}
    {%- endfor %}
    {{- "} // namespace " + name }}
{%- endmacro -%}
{%- set identity = model_identity | default("You are a model.") -%}
{{- "<|start|>system<|message|>" + identity + "\\nCurrent date: " + strftime_now("%Y-%m-%d") + "\\n\\nReasoning: " + (reasoning_effort | default("medium")) + "\\n\\n# Valid channels: analysis, commentary, final." }}
{%- if tools %}{{- "\\nCalls go to the commentary channel: 'functions'." }}{%- endif -%}
{{- "<|end|>" }}
{%- if messages and messages[0].role in ["developer", "system"] %}
    {%- set instructions, rest = messages[0].content, messages[1:] %}
{%- else %}
    {%- set instructions, rest = "", messages %}
{%- endif %}
{%- if instructions or tools %}
    {{- "<|start|>developer<|message|>" }}
    {%- if instructions %}{{- "# Instructions\\n\\n" + instructions + "\\n\\n" }}{%- endif %}
    {%- if tools -%}{{- "# Tools\\n\\n" + namespace_of("functions", tools) }}{%- endif -%}
    {{- "<|end|>" }}
{%- endif %}
{%- set last = namespace(call=none) %}
{%- for message in rest -%}
    {%- if message.role == "assistant" -%}
        {%- if "content" in message and message.content and ("<|channel|>analysis" in message.content or "<|channel|>final" in message.content) %}
            {{- raise_exception("channels go into thinking and content") }}
        {%- endif %}
        {%- if message.tool_calls %}
            {%- set future = namespace(final=false) %}
            {%- for later in rest[loop.index:] %}
                {%- if later.role == "assistant" and not later.tool_calls %}{%- set future.final = true %}{%- endif %}
            {%- endfor %}
            {%- set call = message.tool_calls[0].function or message.tool_calls[0] %}
            {%- if message.thinking and not future.final %}
                {{- "<|start|>assistant<|channel|>analysis<|message|>" + message.thinking + "<|end|>" }}
            {%- endif %}
            {{- "<|start|>assistant to=functions." + call.name + "<|channel|>commentary " + (call.content_type if call.content_type is defined else "json") + "<|message|>" + call.arguments | tojson + "<|call|>" }}
            {%- set last.call = call.name %}
        {%- elif loop.last and not add_generation_prompt %}
            {%- if "thinking" in message %}{{- "<|start|>assistant<|channel|>analysis<|message|>" + message.thinking + "<|end|>" }}{%- endif %}
            {{- "<|start|>assistant<|channel|>final<|message|>" + message.content + "<|return|>" }}
        {%- else %}
            {{- "<|start|>assistant<|channel|>final<|message|>" + message.content + "<|end|>" }}
            {%- set last.call = none %}
        {%- endif %}
    {%- elif message.role == "tool" -%}
        {%- if last.call is none %}{{- raise_exception("a tool's answer without a call") }}{%- endif %}
        {{- "<|start|>functions." + last.call + " to=assistant<|channel|>commentary<|message|>" + message.content | tojson + "<|end|>" }}
    {%- elif message.role == "user" -%}
        {{- "<|start|>user<|message|>" + message.content + "<|end|>" }}
    {%- endif -%}
{%- endfor -%}
{%- if add_generation_prompt -%}
<|start|>assistant
{%- endif -%}""",
    "headers-and-date": """{{- bos_token }}
{%- if custom_tools is defined %}
    {%- set tools = custom_tools %}
{%- endif %}
{%- if not date_string is defined %}
    {%- if strftime_now is defined %}
        {%- set date_string = strftime_now("%d %b %Y") %}
    {%- else %}
        {%- set date_string = "26 Jul 2024" %}
    {%- endif %}
{%- endif %}
{%- if messages[0]['role'] == 'system' %}
    {%- set system_message = messages[0]['content']|trim %}
    {%- set messages = messages[1:] %}
{%- else %}
    {%- set system_message = "" %}
{%- endif %}
{{- "<|h|>system<|e|>\\n\\n" }}
{%- if tools is not none %}
    {{- "Environment: ipython\\n" }}
{%- endif %}
{{- "Today: " + date_string + "\\n" + system_message + "<|eot|>" }}
{%- for message in messages %}
    {%- if not (message.role == 'ipython' or message.role == 'tool' or 'tool_calls' in message) %}
        {{- '<|h|>' + message['role'] + '<|e|>\\n\\n'+ message['content'] | trim + '<|eot|>' }}
    {%- elif 'tool_calls' in message %}
        {%- if not message.tool_calls|length == 1 %}
            {{- raise_exception("one tool at a time") }}
        {%- endif %}
        {%- set tool_call = message.tool_calls[0].function %}
        {{- '{"name": "' + tool_call.name + '", "parameters": ' }}
        {{- tool_call.arguments | tojson }}
        {{- "}<|eot|>" }}
    {%- elif message.role == "tool" or message.role == "ipython" %}
        {{- "<|h|>ipython<|e|>\\n\\n" }}
        {%- if message.content is mapping or (message.content is iterable and message.content is not string) %}
            {{- message.content | tojson }}
        {%- else %}
            {{- message.content }}
        {%- endif %}
        {{- "<|eot|>" }}
    {%- endif %}
{%- endfor %}
{%- if add_generation_prompt %}
    {{- '<|h|>assistant<|e|>\\n\\n' }}
{%- endif %}
""",
    "turns-and-model": "{{ bos_token }}{% if messages[0]['role'] == 'system' %}{{ raise_exception('System role not supported') }}{% endif %}{% for message in messages %}{% if (message['role'] == 'assistant') %}{% set role = 'model' %}{% else %}{% set role = message['role'] %}{% endif %}{{ '<start_of_turn>' + role + '\n' + message['content'] | trim + '<end_of_turn>\n' }}{% endfor %}{% if add_generation_prompt %}{{'<start_of_turn>model\n'}}{% endif %}",
    "thinking": """{%- set ns = namespace(multi_step_tool=true, last_query_index=messages|length - 1) %}
{%- for message in messages[::-1] %}
    {%- set index = (messages|length - 1) - loop.index0 %}
    {%- if ns.multi_step_tool and message.role == "user" and message.content is string and not(message.content.startswith('<tool_response>') and message.content.endswith('</tool_response>')) %}
        {%- set ns.multi_step_tool = false %}
        {%- set ns.last_query_index = index %}
    {%- endif %}
{%- endfor %}
{%- for message in messages %}
    {%- if message.content is string %}
        {%- set content = message.content %}
    {%- else %}
        {%- set content = '' %}
    {%- endif %}
    {%- if message.role == "assistant" %}
        {%- set reasoning_content = '' %}
        {%- if '</think>' in content %}
            {%- set reasoning_content = content.split('</think>')[0].rstrip('\\n').split('<think>')[-1].lstrip('\\n') %}
            {%- set content = content.split('</think>')[-1].lstrip('\\n') %}
        {%- endif %}
        {%- if loop.index0 > ns.last_query_index and (loop.last or (not loop.last and reasoning_content)) %}
            {{- '<|im_start|>' + message.role + '\\n<think>\\n' + reasoning_content.strip('\\n') + '\\n</think>\\n\\n' + content.lstrip('\\n') }}
        {%- else %}
            {{- '<|im_start|>' + message.role + '\\n' + content }}
        {%- endif %}
        {%- if message.tool_calls %}
            {%- for tool_call in message.tool_calls %}
                {%- if (loop.first and content) or (not loop.first) %}
                    {{- '\\n' }}
                {%- endif %}
                {%- if tool_call.function %}
                    {%- set tool_call = tool_call.function %}
                {%- endif %}
                {{- '<tool_call>\\n{"name": "' }}{{- tool_call.name }}{{- '", "arguments": ' }}
                {%- if tool_call.arguments is string %}{{- tool_call.arguments }}{%- else %}{{- tool_call.arguments | tojson }}{%- endif %}
                {{- '}\\n</tool_call>' }}
            {%- endfor %}
        {%- endif %}
        {{- '<|im_end|>\\n' }}
    {%- elif message.role == "tool" %}
        {%- if loop.first or (messages[loop.index0 - 1].role != "tool") %}{{- '<|im_start|>user' }}{%- endif %}
        {{- '\\n<tool_response>\\n' }}{{- content }}{{- '\\n</tool_response>' }}
        {%- if loop.last or (messages[loop.index0 + 1].role != "tool") %}{{- '<|im_end|>\\n' }}{%- endif %}
    {%- else %}
        {{- '<|im_start|>' + message.role + '\\n' + content + '<|im_end|>' + '\\n' }}
    {%- endif %}
{%- endfor %}
{%- if add_generation_prompt %}
    {{- '<|im_start|>assistant\\n' }}
    {%- if enable_thinking is defined and enable_thinking is false %}{{- '<think>\\n\\n</think>\\n\\n' }}{%- endif %}
{%- endif %}""",
    "tools-json": """{%- if tools %}
    {{- '<|im_start|>system\\n' }}
    {%- for tool in tools %}
        {{- "\\n" }}
        {{- tool | tojson }}
        {{- tool.function.parameters | tojson(indent=4) }}
        {{- tool.function.parameters | tojson(separators=(',', ':'), sort_keys=True) }}
    {%- endfor %}
{%- endif %}
{%- macro kind(spec, depth=0) -%}
    {%- if spec.type == 'object' -%}
        {{- '{' }}{% for name, inner in spec.properties.items() %}{{ name }}{{ '?' if name not in spec.required }}: {{ kind(inner, depth + 1) }}{% if not loop.last %}, {% endif %}{% endfor %}{{ '}' }}
    {%- elif spec.default is defined -%}
        {{ spec.type }} = {{ spec.default }} @{{ depth }}
    {%- else -%}
        {{ spec.type | upper }}
    {%- endif -%}
{%- endmacro %}
{%- for tool in tools or [] %}
// {{ tool.function.description | indent(3) }}
type {{ tool['function']['name'] }} = (_: {{ kind(tool.function.parameters) }}) => any;
{%- endfor %}
{% for m in messages | selectattr('role', 'equalto', 'user') %}
  {{ loop.index }}/{{ loop.length }} {{ m.content | length }}
{% endfor %}
{{ messages | map(attribute='role') | unique | sort | join(',') }}""",
}
SNIPPETS = [
    "{{ none | selectattr('a') | list }} {{ none | map('upper') | list }} {{ 0 | select | list }} {{ none | rejectattr('a') | list }} {{ x | map(attribute='y') | list }}",
    "{{ 5 | map('upper') | list }}",
    "{% with a=1, b=2 %}{{ a + b }}{% endwith %}{{ a }}",
    "{% macro m(a) %}{{ a }}{{ caller() }}{% endmacro %}{% call m(1) %}inner{% endcall %}",
    "{% macro m(l) %}{% for i in l %}{{ caller(i) }}{% endfor %}{% endmacro %}{% call(x) m([1, 2]) %}<{{ x }}>{% endcall %}",
    "{% macro m() %}{{ varargs }}{{ kwargs }}{% endmacro %}{{ m(1, 2, x=3) }}",
    "{% macro m(a) %}{{ a }}{% endmacro %}{{ m(1, b=2) }}",
    "{% macro m(a) %}{{ a }}{% endmacro %}{% call m(1) %}x{% endcall %}",
    "{% block a %}x{% endblock a %}{% block b %}{% set y = 1 %}{% endblock %}{{ y is defined }}",
    "{% set ns = namespace(x=1) %}{{ ns }}",
    "{{ 2.1 | round(0, 'ceil') }} {{ 2.9 | round(method='floor') }} {{ 2.55 | round(precision=1) }}",
    "{{ 2.1 | round(method='nope') }}",
    "{{ 'ff' | int(base=16) }} {{ 'zz' | int(7, 16) }} {{ '10' | int(base=2) }}",
    "{{ [1] * 2 }} {{ 2 * [1, 'a'] }} {{ [1] * 0 }} {{ [1, 2] < [1, 3] }} {{ [1] < [1, 0] }}",
    "{{ [[1, 2], [3]] | sum(start=[]) }} {{ [{'a': 1}, {'a': 2}] | sum(attribute='a') }} {{ [1.5, 2] | sum }}",
    "{% set c = cycler('a', 'b') %}{{ c.next() }}{{ c.next() }}{{ c.next() }}{{ c.current }}",
    "{% set j = joiner(', ') %}{% for i in [3, 1, 2] %}{{ j() }}{{ i }}{% endfor %}",
    "{% for i in [1, 1, 2] %}{{ loop.changed(i) }}{{ loop.depth }}{{ loop.depth0 }}{% endfor %}",
    "{{ 'a=b=c'.partition('=') }} {{ 'a=b=c'.rpartition('=') }} {{ 'a'.partition('=') }} {{ 'a'.rpartition('=') }}",
    "{{ 'x' | trim(wrong=1) }}",
    "{{ 'x' | upper(1) }}",
    "{{ [-0.0, 0.0, 1e22] | tojson }} {{ -0.0 }}",
    "{{ {'a': 1} | tojson(true, 2) }} {{ 'é' | tojson(true) }}",
    "{{ 1 == 1.0 }} {{ none }} {{ true and 'a' }} {{ '' or [] }} {{ not [] }} {{ [1, 'a', none, true, 1.5, {'k': 'v'}] }} {{ (1, 2) | list }}",
    "{{ 7 // 2 }} {{ -7 // 2 }} {{ -7 % 3 }} {{ 7 / 2 }} {{ 4 / 2 }} {{ 2 ** 10 }} {{ 1e20 }} {{ 0.1 + 0.2 }} {{ 1.0 }} {{ 10 ** 15 / 1 }}",
    "{{ 'abc'[1:] }} {{ 'abc'[::-1] }} {{ 'abc'[-1] }} {{ [1,2,3][:-1] }} {{ 'abcdef'[1:5:2] }} {{ 'abc'[5:] }}x {{ [1,2,3][-2:] }}",
    "{{ 'a,b,c'.split(',') }} {{ ' a  b '.split() }} {{ 'a,b,c'.split(',', 1) }} {{ 'a,b,c'.rsplit(',', 1) }} {{ 'x'.join(['1', '2']) }}",
    "{{ ' x '.strip() }}|{{ '--x--'.strip('-') }}|{{ 'xxabc'.lstrip('x') }}|{{ 'hello world'.title() }}|{{ 'HELLO'.capitalize() }}|{{ 'abc'.find('c') }}|{{ 'a-b-c'.replace('-', '+', 1) }}",
    "{{ 'it\\'s' }} {{ ['it\\'s', 'a\"b'] }} {{ ['\\n\\t'] }} {{ 'a' 'b' }}",
    "{% for i in range(5) %}{% if i == 1 %}{% continue %}{% endif %}{% if i == 4 %}{% break %}{% endif %}{{ i }}{% else %}none{% endfor %}",
    "{% for i in [] %}{{ i }}{% else %}none{% endfor %}{% for i in range(3) if i != 1 %}{{ loop.index }}{{ i }}{{ loop.last }}{% endfor %}",
    "{% set x = 1 %}{% for i in [1] %}{% set x = 2 %}{% endfor %}{{ x }}{% if true %}{% set x = 3 %}{% endif %}{{ x }}",
    "{% set ns = namespace(n=0, s='') %}{% for c in 'abc' %}{% set ns.n = ns.n + 1 %}{% set ns.s = c ~ ns.s %}{% endfor %}{{ ns.n }}{{ ns.s }}",
    "{% set a, b = 1, 2 %}{{ a + b }}{% set t %}  block {{ a }} {% endset %}[{{ t }}]{% set u | trim | upper %} x {% endset %}[{{ u }}]",
    "{% macro f(a, b='d') %}{{ a }}-{{ b }}{% endmacro %}{{ f(1) }} {{ f(1, 2) }} {{ f(b=3, a=4) }} {{ f('x') | upper }}",
    "{{ x is defined }} {{ x }} {{ x | default('d') }} {{ '' | default('e', true) }} {{ x | length }} {{ none is none }} {{ 3 is odd }} {{ 4 is divisibleby 2 }} {{ 'a' is in ['a'] }} {{ 1 is not string }}",
    "{{ x.y }}", "{{ x + 1 }}", "{{ f() }}", "{{ 1 + 'a' }}", "{{ raise_exception('no') }}", "{{ 1 / 0 }}", "{% if %}", "{{ [].append(1) }}", "{{ {}.update({'a': 1}) }}", "{{ 'a' | nosuchfilter }}", "{% for %}",
    "{{ {'b': 1, 'a': 2} | dictsort }} {{ {'b': 1}.items() | list }} {{ {'b': 1}.get('c', 5) }} {{ {'items': 3}['items'] }} {{ {'a': {'b': 1}}.a.b }} {{ 'a' in {'a': 1} }}",
    "{{ [3, 1, 2] | sort }} {{ [3, 1, 2] | sort(reverse=true) }} {{ ['b', 'A'] | sort }} {{ [1, 2] | first }} {{ [1, 2] | last }} {{ [1, 2, 3] | sum }} {{ [1, 5] | max }} {{ 'abc' | reverse }} {{ [1, 2] | reverse | list }}",
    "{{ [{'a': 1}, {'a': 2}, {}] | selectattr('a', 'defined') | map(attribute='a') | list }} {{ [1, 2, 3, 4] | select('odd') | list }} {{ [1, 2] | reject('equalto', 1) | list }} {{ ['a', 'b'] | map('upper') | join }}",
    "  {% if true %}\n  a\n  {% endif %}\n  b {%- if true %} c {% endif -%} \n d {# comment #} e\n{# x #}\nf {{- ' g ' -}} h\n",
    "a\n\n{% if true %}\n\nb{% endif %}\n\nc\n", "x{%+ if true %} y {%+ endif %} z", "{% raw %}{{ x }}{% endraw %}{{ '{{' }}",
    "{{ 'a' if false }}|{{ 'a' if true else 'b' }}|{{ 1 if false else 2 if false else 3 }}", "{{ 1 < 2 < 3 }} {{ 1 < 3 < 2 }} {{ 'a' < 'b' }} {{ not 1 == 2 }} {{ 1 not in [2] }} {{ 'b' in 'abc' }}",
    "{{ 'a' ~ 1 ~ none ~ true }} {{ 'ab' * 3 }} {{ [1] + [2] }} {{ '%s-%d' % ('a', 3) }} {{ '%s' | format('q') }}", "{{ '5' | int + 1 }} {{ 'x' | int(7) }} {{ '2.5' | float }} {{ 2.7 | int }} {{ 2.567 | round(1) }} {{ -3 | abs }}",
    "{{ 'é中😀' | length }} {{ 'é中😀'[::-1] }} {{ 'é中😀' | tojson }} {{ '<a>' | e }} {{ 'a\tb' | tojson }} {{ 'x' | tojson(ensure_ascii=true) }}",
    "{{ strftime_now('%Y-%m-%d %H:%M:%S %A %B %j %I %p') }}", "{% filter upper %}a{{ 'b' }}{% endfilter %}{% generation %}g{% endgeneration %}", "{{ 'a\nb\n\nc' | indent }}|{{ 'a\nb' | indent(2, true) }}",
    "{{ [1, [2, 'x']] | tojson(indent=2) }} {{ [] | tojson }} {{ {} | tojson(indent=2) }} {{ 'a b'.split(' ') | tojson }}", "{% for k, v in {'a': 1, 'b': 2}.items() %}{{ loop.index0 }}{{ k }}{{ v }}{{ loop.previtem is defined }}{% endfor %}",
    "{% for a in [1, 2] %}{% for b in [3] %}{{ loop.length }}{% endfor %}{{ loop.length }}{% endfor %}", "{{ messages is defined and messages[0] is defined }}", "{{ ('a', 'b')[1] }} {{ 'abc'.startswith(('x', 'a')) }} {{ 'aXb'.lower().upper() }}",
]


def main():
    cases = []
    for name, template in FAMILIES.items():
        for messages in TALKS:
            for tools in (None, TOOLS) if name in ("tools-json", "headers-and-date", "channels") else (None,):
                for go_on in (True, False):
                    values = {"messages": messages, "tools": tools, "add_generation_prompt": go_on} | COMMON
                    cases.append({"name": name, "template": template, "values": values} | render(template, values))
    for snippet in SNIPPETS:
        cases.append({"name": "snippet", "template": snippet, "values": {}} | render(snippet, {}))
    folder = pathlib.Path(sys.argv[1])
    text = ",\n".join(json.dumps(case, ensure_ascii=False, separators=(",", ":")) for case in cases)
    (folder / "templates.json").write_text("[\n" + text + "\n]\n", encoding="utf-8")
    print(len(cases), "cases,", sum("error" in c for c in cases), "of them errors")
    extra = []
    for file in sys.argv[2:]:
        template = pathlib.Path(file).read_text(encoding="utf-8")
        for messages in TALKS:
            for tools in (None, TOOLS):
                values = {"messages": messages, "tools": tools, "add_generation_prompt": True} | COMMON
                extra.append({"name": pathlib.Path(file).name, "template": template, "values": values} | render(template, values))
    if extra:
        pathlib.Path("templates-extra.json").write_text(json.dumps(extra), encoding="utf-8")
        print(len(extra), "extra cases,", sum("error" in c for c in extra), "of them errors")


main()
