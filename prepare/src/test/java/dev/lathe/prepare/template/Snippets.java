package dev.lathe.prepare.template;

import java.util.List;

/** Templates that have led engines astray, and one for each thing that templates can do. */
final class Snippets {
  private Snippets() {}

  static List<String> all() {
    return List.of(
        "{{ d }}|{{ d.items() }}|{{ d.keys() | list }}|{{ d.values() | list }}|{{ d | length }}",
        "{{ xs }}{{ ys }}{{ nil }}{{ yes }}{{ f }}{{ e }}{{ [e, w] }}{{ (1,) }}{{ () }}{{ {} }}",
        "{{ xs[::-1] }}{{ xs[-2:] }}{{ xs[:-1] }}{{ s[::2] }}{{ e[-7:] }}{{ xs[5:] }}{{ xs[::-2]"
            + " }}",
        "{{ range(10)[2:8:3] | list }}{{ range(3) }}{{ range(0, 10, 3) }}{{ 3 in range(5) }}",
        "{{ s.split(', ') }}{{ w.split() }}{{ 'a b c d'.split(None, 2) }}{{ 'a,b,c'.rsplit(',', 1)"
            + " }}",
        "{{ 'a b  c '.split(' ') }}{{ ' a  b '.rsplit(None, 1) }}{{ 'x'.partition('-') }}",
        "{{ 'a-b-c'.partition('-') }}{{ 'a-b-c'.rpartition('-') }}{{ w.splitlines() }}",
        "{{ s.startswith(('x', 'H')) }}{{ s.endswith('d') }}{{ s.find('o') }}{{ s.rfind('o') }}",
        "{{ s.replace('l', 'L', 2) }}{{ s.replace('', '-') }}{{ s.count('l') }}{{ s.index('W') }}",
        "{{ s.upper() }}{{ s.lower() }}{{ s.title() }}{{ s.capitalize() }}{{ s.swapcase() }}",
        "{{ 'x'.center(5, '*') }}{{ 'ab'.center(5) }}|{{ 'x'.ljust(3) }}|{{ '7'.zfill(3) }}{{"
            + " '-7'.zfill(4) }}",
        "{{ '12'.isdigit() }}{{ 'ab'.isalpha() }}{{ ' '.isspace() }}{{ 'A'.isupper() }}{{"
            + " ''.isalpha() }}",
        "{{ '-'.join(ys) }}{{ ys | join('+') }}{{ 'prefix'.removeprefix('pre') }}{{"
            + " s.removesuffix('d') }}",
        "{{ '{} and {}'.format(1, 'b') }}{{ '{1}{0}{x}'.format(1, 2, x=3) }}{{ '{{}}'.format() }}",
        "{{ '{:>5}|{:<5}|{:^5}|{:05d}|{:.2f}|{:,}'.format('a', 'b', 'c', 42, 3.14159, 1234567) }}",
        "{{ '%s is %d and %.2f %r %5s|%-5s|%05d %%' % ('x', 3, 2.5, 'q', 'a', 'b', 42) }}",
        "{{ '%s' % 'x' }}{{ '%(a)s' % {'a': 1} }}{{ '%s %s' | format('a', 'b') }}",
        "{{ 'x' is in 'xyz' }}{{ 1 is divisibleby 1 }}{{ 4 is divisibleby(2) }}{{ 3 is odd }}{{ 3"
            + " is even }}",
        "{{ nil is none }}{{ nothing is defined }}{{ nothing is undefined }}{{ nothing is iterable"
            + " }}",
        "{{ s is string }}{{ n is number }}{{ n is integer }}{{ f is float }}{{ yes is boolean }}{{"
            + " d is mapping }}",
        "{{ xs is sequence }}{{ d is sequence }}{{ range(2) is sequence }}{{ xs is iterable }}{{ 1"
            + " is iterable }}",
        "{{ s.upper is callable }}{{ s is upper }}{{ 'abc' is lower }}{{ 1 is eq 1 }}{{ 1 is sameas"
            + " 1 }}",
        "{{ 1 is lt 2 }}{{ 2 is ge 2 }}{{ 1 is ne(2) }}{{ 'upper' is filter }}{{ 'odd' is test }}",
        "{{ 7 // 2 }}{{ -7 // 2 }}{{ -7 % 3 }}{{ 7 / 2 }}{{ 2 ** 3 }}{{ 2 ** -1 }}{{ 2.0 * 3 }}{{"
            + " 7.5 // 2 }}",
        "{{ 1e3 }}{{ 1e16 }}{{ 1e-5 }}{{ 0.1 + 0.2 }}{{ 1.0 }}{{ 123456789.123 }}{{ 1_000 }}{{ 0x1f"
            + " }}",
        "{{ -f }}{{ +n }}{{ not n }}{{ -n ** 2 }}{{ 1 - 2 - 3 }}{{ 2 * 3 + 4 }}{{ 1 ~ 2 + 3 }}",
        "{{ 1 < 2 < 3 }}{{ 1 < 3 < 2 }}{{ 1 == 1.0 }}{{ 'a' < 'b' }}{{ [1, 2] < [1, 3] }}{{ yes =="
            + " 1 }}",
        "{{ 'a' in d }}{{ 'b' in d }}{{ 2 in xs }}{{ 'lo' in s }}{{ 'b' not in d }}{{ not 'b' in d"
            + " }}",
        "{{ xs | sort }}{{ ys | sort }}{{ ys | sort(case_sensitive=true) }}{{ xs |"
            + " sort(reverse=true) }}",
        "{{ ms | sort(attribute='role') | map(attribute='role') | list }}{{ ms | map('length') |"
            + " list }}",
        "{{ ms | groupby('role') }}{{ ms | map(attribute='x', default='none') | join(',') }}",
        "{{ ys | unique | list }}{{ ys | min }}{{ ys | max }}{{ xs | sum }}{{ xs | first }}{{ xs |"
            + " last }}",
        "{{ zero | first }}{{ zero | last }}{{ zero | max }}{{ zero | sum }}{{ zero | join }}",
        "{{ xs | batch(2) | list }}{{ xs | batch(2, 0) | list }}{{ xs | slice(2) | list }}{{ xs |"
            + " reverse | list }}",
        "{{ d | dictsort }}{{ d | dictsort(true) }}{{ {'a': 2, 'b': 1} | dictsort(by='value') }}{{"
            + " d | items | list }}",
        "{{ xs | select('odd') | list }}{{ xs | reject('gt', 1) | list }}{{ [0, 1, '', 'a'] |"
            + " select | list }}",
        "{{ ms | selectattr('role', 'equalto', 'user') | list | length }}{{ ms |"
            + " rejectattr('content') | list }}",
        "{{ ms | selectattr('role', 'in', ['user', 'system']) | map(attribute='role') | list }}",
        "{{ '3.7' | int }}{{ 'x' | int }}{{ 'x' | int(9) }}{{ '0x1f' | int(base=16) }}{{ 3.99 | int"
            + " }}{{ ' 5 ' | int }}",
        "{{ '3.7' | float }}{{ 'x' | float }}{{ n | float }}{{ 2.5 | round }}{{ 3.14159 | round(2)"
            + " }}{{ 2.1 | round(0, 'ceil') }}",
        "{{ -3 | abs }}{{ m | abs }}{{ 7 | string }}{{ w | trim }}|{{ 'xxaxx' | trim('x') }}{{ s |"
            + " length }}{{ e | length }}",
        "{{ s | replace('o', '0') }}{{ s | title }}{{ 'a-b (c)' | title }}{{ s | capitalize }}{{ s"
            + " | center(20) }}",
        "{{ 'a\\n"
            + "b\\n"
            + "\\n"
            + "c' | indent }}|{{ 'a\\n"
            + "b' | indent(2, true) }}|{{ 'a\\n"
            + "\\n"
            + "b' | indent(2, blank=true) }}",
        "{{ 'foo bar baz qux' | truncate(9) }}{{ 'foo bar baz qux' | truncate(9, true) }}{{ 'foo' |"
            + " truncate(5) }}",
        "{{ 'foo bar baz qux' | truncate(11, false, '..', 0) }}{{ s | wordcount }}{{ '<a>&\"' | e"
            + " }}",
        "{{ d | tojson }}{{ d | tojson(indent=2) }}{{ e | tojson }}{{ e | tojson(ensure_ascii=true)"
            + " }}",
        "{{ d | tojson(separators=(',', ':')) }}{{ {'b': 1, 'a': 2} | tojson(sort_keys=true) }}{{"
            + " [] | tojson(indent=1) }}",
        "{{ 1.0 | tojson }}{{ 1e20 | tojson }}{{ nil | tojson }}{{ '\\u0001\\x7f/' | tojson }}{{"
            + " (1, 2) | tojson }}",
        "{{ nothing | default('x') }}{{ nil | default('x') }}{{ '' | default('x', true) }}{{"
            + " nothing | d }}",
        "{{ 'a' if yes }}{{ 'a' if not yes }}{{ 'a' if no else 'b' if n else 'c' }}{{ nil or 'x'"
            + " }}{{ n and s }}",
        "{% set a, b = 1, 2 %}{{ a }}{{ b }}{% set x %}<{{ a }}>{% endset %}{{ x }}{% set y | upper"
            + " %}abc{% endset %}{{ y }}",
        "{% for i in xs %}{{ loop.index }}{{ loop.index0 }}{{ loop.revindex }}{{ loop.revindex0"
            + " }}{{ loop.first }}{{ loop.last }}{{ loop.length }}{{ loop.previtem }}{{"
            + " loop.nextitem }};{% endfor %}",
        "{% for i in xs %}{{ loop.cycle('a', 'b') }}{{ loop.changed(i > 1) }}{{ loop.depth }}{%"
            + " else %}none{% endfor %}",
        "{% for i in zero %}x{% else %}none{% endfor %}{% for k, v in d.items() %}{{ k }}={{ v"
            + " }};{% endfor %}",
        "{% for m in ms if m.role == 'user' %}{{ loop.index }}/{{ loop.length }}{{ m.content }}{%"
            + " endfor %}",
        "{% for (a, b), c in [((1, 2), 3)] %}{{ a }}{{ b }}{{ c }}{% endfor %}{% for x in 1, 2 %}{{"
            + " x }}{% endfor %}",
        "{% for x in xs recursive %}{{ x }}{{ loop.depth }}{% if x > 2 %}{{ loop([1, 2]) }}{% endif"
            + " %};{% endfor %}",
        "{% for x in xs %}{% if x == 1 %}{% continue %}{% endif %}{{ x }}{% endfor %}{% for x in xs"
            + " %}{% break %}{% endfor %}",
        "{% set x = 0 %}{% for i in xs %}{{ x }}{% set x = i %}{{ x }}{% endfor %}{{ x }}",
        "{% set x = 0 %}{% for i in xs %}{% if i == 1 %}{% set x = 5 %}{% endif %}{{ x }}{% endfor"
            + " %}{{ x }}",
        "{% set ns = namespace(a=1, b='x') %}{% for i in xs %}{% set ns.a = ns.a + i %}{% endfor"
            + " %}{{ ns.a }}{{ ns.b }}{{ ns.c }}",
        "{% if n > 5 %}a{% elif n > 3 %}b{% else %}c{% endif %}{% if not zero %}empty{% endif %}",
        "{% macro f(a, b=2, *c) %}{% endmacro %}",
        "{% macro f(a, b=2) %}{{ a }}{{ b }}{{ varargs }}{{ kwargs }}{% endmacro %}{{ f(1) }}{{"
            + " f(1, 3, 4, x=5) }}{{ f() }}{{ f.name }}",
        "{% macro box() %}[{{ caller('x') }}]{% endmacro %}{% call(v) box() %}in {{ v }}{% endcall"
            + " %}",
        "{% macro g(x) %}{{ x }}{% if x > 0 %}{{ g(x - 1) }}{% endif %}{% endmacro %}{{ g(3) }}",
        "{% macro f() %}{{ z }}{% endmacro %}{% set z = 4 %}{{ f() }}",
        "{% with a = 1, b = n %}{{ a }}{{ b }}{% endwith %}{{ a }}{% filter upper | trim %} abc {%"
            + " endfilter %}",
        "{% raw %}{{ x }} {% y %}{% endraw %}{# c {{ x }} #}{{ '{{' }}{{ '%}' }}{{ {'a': {'b':"
            + " 1}}.a.b }}",
        "  {% if yes %}  \n"
            + "  a\n"
            + "  {% endif %}  \n"
            + " b {%- if yes -%}  c  {%- endif +%} \n"
            + " d {%+ if yes %}e{% endif %}\n",
        "a\n"
            + "  {#- c -#}  \n"
            + " b\n"
            + "  {# c #}\n"
            + " c {% raw -%}  \n"
            + " x {%- endraw %}  \n"
            + "  {{- 1 -}}  \n"
            + " d\n\n",
        "\n"
            + "  {%- set x = 1 %}\n"
            + "  {{ x }}\n"
            + "  {%+ set y = 2 %}\n"
            + "{{ y }}\n"
            + "{% for i in xs %}\n"
            + "  {{ i }}\n"
            + "{% endfor %}\n"
            + "end",
        "{% for i in xs -%}\n  {{ i }}\n{%- endfor %}\n{% if yes -%}\n  x\n{%- endif %}\n\n",
        "a\r\n"
            + "b\r"
            + "c\n"
            + "{{ 'x\\n"
            + "y' }}{{ \"it's\" }}{{ 'a' 'b' }}{{ '\\x41\\u00e9\\U0001F680\\101\\q' }}",
        "{{ d['b'] }}{{ d.b }}{{ d['zz'] }}{{ d.zz }}{{ xs[9] }}{{ s[0] }}{{ s[-1] }}{{ xs.0 }}{{"
            + " ms[0]['role'] }}",
        "{{ d.get('b') }}{{ d.get('zz') }}{{ d.get('zz', 5) }}{{ d.copy() }}",
        "{{ nothing.x }}",
        "{{ nothing['x'] }}",
        "{{ nil.x }}{{ nil['x'] }}",
        "{{ nothing + 1 }}",
        "{{ 1 + nothing }}",
        "{{ nothing ~ 'a' }}{{ nothing | upper }}{{ nothing | length }}{{ nothing == nothing }}{{"
            + " not nothing }}",
        "{{ 'a' + 1 }}",
        "{{ 'a' * 3 }}{{ 3 * [1] }}{{ (1, 2) + (3,) }}{{ [1] + [2] }}{{ yes + 1 }}",
        "{{ 1 / 0 }}",
        "{{ [1] + (2,) }}",
        "{{ 1 < 'a' }}",
        "{{ {[1]: 2} }}",
        "{{ 'a' in 5 }}",
        "{{ 5 in 'a' }}",
        "{{ xs() }}",
        "{{ s.nomethod() }}",
        "{{ s | nofilter }}",
        "{{ xs.append(4) }}",
        "{{ raise_exception('no') }}",
        "{% set u = ms | selectattr('role', 'eq', 'user') %}{% for m in u %}x{% endfor %}{% for m"
            + " in u %}y{% endfor %}",
        "{{ dict(a=1, b=2) }}{{ dict([('x', 1)]) }}{{ dict(d, b=5).b }}",
        "{% set j = joiner('|') %}{% for x in xs %}{{ j() }}{{ x }}{% endfor %}{% set c ="
            + " cycler('a', 'b') %}{{ c.next() }}{{ c.next() }}{{ c.current }}",
        "{{ f(1) if f is callable else 'no' }}{{ [1, 2,] }}{{ {'a': 1,} }}{{ range(3,) | list }}",
        "{{ 'a' if nothing is defined and nothing.x else 'b' }}{{ (xs | length) * 2 }}{{ xs |"
            + " length + 1 }}",
        "{{ xs | length > 2 and s is string }}{{ -1 | abs }}{{ not s is string }}{{ 1 in [1] =="
            + " true }}",
        "{{ 'İ'.lower() }}{{ 'ß'.upper() }}{{ 'ǆ'.title() }}{{ 'é'.upper() }}{{ '٣'.isdigit() }}",
        "{{ w.strip() }}|{{ w.lstrip() }}|{{ w.rstrip() }}|{{ 'xyx'.strip('x') }}|{{"
            + " '\\u00a0x\\u200b'.strip() }}|",
        "{{ ['a\\'b', 'a\"b', 'a\\'\"b', '\\n', '\\x00', 'é', '\\u200b', '🚀'] }}",
        "{{ 10 | string | length }}{{ [1, [2, [3]]] }}{{ [nothing] }}{{ {'a': nil} }}{{ ('a', ) }}",
        "{{ ms[-1].content if ms[-1].role == 'user' else '' }}{{ ms[1:][0].role }}{{ (ms |"
            + " last).role }}",
        "{{ 0.1 | round(3) }}{{ 1234.5678 | round(-2) }}{{ 5 | round }}{{ 15 | round(-1) }}{{ 2.675"
            + " | round(2) }}");
  }
}
