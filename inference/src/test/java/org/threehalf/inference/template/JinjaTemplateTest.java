package org.threehalf.inference.template;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDateTime;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * Texts against those of Python's jinja2; {@code src/test/python/templates.py} wrote the expectations. Where jinja2
 * fails, this must. With the property {@code threehalf.templates} naming a file that the script wrote from other
 * templates, those are held against it, too.
 */
class JinjaTemplateTest {
    private static final LocalDateTime NOW = LocalDateTime.of(2026, 2, 3, 14, 5, 6);

    private static @Nullable Object value(JsonNode node) {
        if (node.isObject()) {
            Map<Object, @Nullable Object> map = new LinkedHashMap<>();
            node.properties().forEach(entry -> map.put(entry.getKey(), value(entry.getValue())));
            return map;
        }
        if (node.isArray()) {
            List<@Nullable Object> list = new ArrayList<>();
            node.valueStream().forEach(element -> list.add(value(element)));
            return list;
        }
        return node.isNull()
                ? null
                : node.isBoolean()
                        ? (Object) node.asBoolean()
                        : node.isIntegralNumber()
                                ? (Object) node.asLong()
                                : node.isNumber() ? (Object) node.asDouble() : node.asString();
    }

    private static Map<String, @Nullable Object> values(JsonNode node) {
        Map<String, @Nullable Object> values = new LinkedHashMap<>();
        node.properties().forEach(entry -> values.put(entry.getKey(), value(entry.getValue())));
        return values;
    }

    private static String render(String template, Map<String, @Nullable Object> values) {
        try {
            return JinjaTemplate.of(template).render(values, NOW);
        } catch (TemplateException failed) {
            return "ERROR " + failed.getMessage();
        }
    }

    /** How each case differs, those that do. */
    private static List<String> differences(JsonNode cases) {
        List<String> differences = new ArrayList<>();
        for (JsonNode one : cases) {
            String text = render(one.get("template").asString(), values(one.get("values")));
            boolean same = one.has("error")
                    ? text.startsWith("ERROR ")
                    : text.equals(one.get("text").asString());
            if (!same) {
                String template = one.get("template").asString();
                differences.add("%s %s%n  gives    %s%n  expected %s"
                        .formatted(
                                one.get("name"),
                                template.length() < 300
                                        ? template
                                        : one.get("values").get("messages"),
                                text,
                                one.has("error")
                                        ? one.get("error")
                                        : one.get("text").asString()));
            }
        }
        return differences;
    }

    private static JsonNode cases() throws IOException {
        try (InputStream in = Objects.requireNonNull(JinjaTemplateTest.class.getResourceAsStream("templates.json"))) {
            return JsonMapper.shared().readTree(in);
        }
    }

    @Test
    void textsOfJinja2() throws IOException {
        JsonNode cases = cases();
        assertEquals(259, cases.size());
        List<String> differences = differences(cases);
        assertTrue(differences.isEmpty(), () -> differences.size() + ":\n" + String.join("\n", differences));
    }

    @Test
    void textsOfJinja2OnOtherTemplates() throws IOException {
        String file = System.getProperty("threehalf.templates", "");
        assumeTrue(!file.isEmpty(), "NOT CHECKED: no -Dthreehalf.templates");
        List<String> differences = differences(JsonMapper.shared().readTree(Files.readString(Path.of(file))));
        assertTrue(differences.isEmpty(), () -> differences.size() + ":\n" + String.join("\n", differences));
    }

    /** A seeded fault: another text is seen. */
    @Test
    void anotherTextIsSeen() throws IOException {
        JsonNode first = cases().get(0);
        assertNotEquals(
                first.get("text").asString(),
                render(first.get("template").asString() + " ", values(first.get("values"))));
    }

    /** What a template could do to who runs it: nothing of Java is there, and time, text and depth end. */
    @Test
    void templatesAreBounded() {
        for (String hostile : List.of(
                "{% for a in range(100000) %}{% for b in range(100000) %}{% endfor %}{% endfor %}",
                "{% for a in range(99999) %}{{ 'x' * 10000 }}{% endfor %}",
                "{{ 'x' * 999999999999 }}",
                "{{ range(99999999999) }}",
                "{% set ns = namespace(s='xx') %}{% for a in range(99) %}{% set ns.s = ns.s ~ ns.s %}{% endfor %}",
                "{% set ns = namespace(s=[1]) %}{% for a in range(99) %}{% set ns.s = ns.s + ns.s %}{% endfor %}",
                "{% macro f(n) %}{{ f(n) }}{% endmacro %}{{ f(1) }}",
                "{{ ".concat("(".repeat(100_000)),
                "{{ " + "not ".repeat(100_000) + "1 }}",
                "{% if 1 %}".repeat(100_000),
                "{{ 9223372036854775807 + 1 }}",
                "{{ 'a'.__class__.__mro__[1] }}",
                "{{ 'a'.getClass() }}",
                "{{ [].class.forName('java.lang.Runtime') }}",
                "{{ self.__init__.__globals__ }}",
                "{% include '/etc/passwd' %}",
                "{% import 'os' as os %}",
                "{{ open('/etc/passwd') }}")) {
            String text = render(hostile, Map.of());
            assertTrue(
                    text.startsWith("ERROR "),
                    () -> hostile.substring(0, Math.min(80, hostile.length())) + " gives "
                            + text.substring(0, Math.min(80, text.length())));
        }
    }

    /**
     * Strings that would be too long are refused before they are made, however they are made; parts without number take
     * no time that grows with their square.
     */
    @Test
    void longStrings() {
        String big = "{% set a = 'a' * 2000 %}{% set b = 'b' * 1100000 %}";
        for (String hostile : List.of(
                big + "{{ a|replace('a', b)|length }}",
                big + "{{ a.replace('a', b)|length }}",
                big + "{{ a.replace('a', b, 1999)|length }}",
                big + "{{ a.replace('', b)|length }}",
                big + "{{ b.join(a)|length }}",
                big + "{{ a|join(b)|length }}",
                big + "{{ ([b] * 3000)|join|length }}",
                big + "{{ ([b] * 3000)|string|length }}",
                big + "{{ ([b] * 3000)|tojson|length }}",
                big + "{{ ('\\n' * 2000)|indent(b, true, true)|length }}",
                big + "{{ '{} {} {} {} {}'.format(b, b, b, b, b)|length }}",
                big + "{{ ('%s' * 5) % (b, b, b, b, b) }}")) {
            assertTrue(
                    render(hostile, Map.of()).startsWith("ERROR more than "),
                    () -> hostile + " gives " + render(hostile, Map.of()));
        }
        String content = "</think>".repeat(100_000);
        assertEquals("100001", render("{{ content.split('</think>')|length }}", Map.of("content", content)));
        assertEquals("3", render("{{ content.rsplit('</think>', 2)|length }}", Map.of("content", content)));
        assertEquals("50000", render("{{ content.split()|length }}", Map.of("content", "a  ".repeat(50_000))));
    }

    /**
     * Operations whose time grows with what they touch: each loop here would take minutes or longer, and ends at the
     * limit on steps.
     */
    @Test
    @Timeout(300)
    void stepsBoundTheTime() {
        String text = "{% set s = 'a' * 2000000 %}{% set t = 'a' * 1000000 ~ 'b' %}{% for i in range(50000) %}{% if ";
        String nested =
                "{% set n = namespace(a=[1], b=[1], t=(1,)) %}{% for i in range(60) %}{% set n.a = [n.a, n.a] %}"
                        + "{% set n.b = [n.b, n.b] %}{% set n.t = (n.t, n.t) %}{% endfor %}";
        String end = " %}{% endif %}{% endfor %}";
        List<String> hostile = new ArrayList<>(List.of(
                "{{ range(100000)|unique|length }}",
                "{{ range(100000)|map('string')|unique|length }}",
                "{% set l = range(100000) %}{% for i in range(100000) %}{% if -1 in l %}{% endif %}{% endfor %}",
                "{% set l = range(100000) %}{% for i in range(100000) %}{% if l.count(-1) %}{% endif %}{% endfor %}",
                "{% set l = range(100000) %}{% for i in range(100000) %}{% set x = l[1:] %}{% endfor %}",
                "{% set l = range(100000) %}{% for i in range(100000) %}{% set x = l|sort %}{% endfor %}",
                "{% set l = range(100000) %}{% for i in range(100000) %}{% set x = l|list %}{% endfor %}",
                "{% set n = namespace(l=[]) %}{% set s = '\u4e00' * 2000000 %}{% for i in range(200) %}{% set n.l = n.l + [s|list] %}{% endfor %}x",
                nested + "{{ n.a == n.b }}",
                nested + "{{ n.a < n.b }}",
                nested + "{{ n.a in [n.b] }}",
                nested + "{{ n.a|tojson|length }}",
                nested + "{{ n.a }}",
                nested + "{{ {n.t: 1}|length }}",
                nested + "{{ {}[n.t] }}",
                nested + "{{ {}.get(n.t) }}",
                nested + "{{ {'a': n.a} == {'a': n.b} }}"));
        for (String condition : List.of(
                "s.isalpha()",
                "s.isupper()",
                "s is lower",
                "s[1999999]",
                "s[-1]",
                "s[::2]",
                "s[1:]",
                "t in s",
                "s.find(t) > 0",
                "s.rfind(t) > 0",
                "s.count(t)",
                "s.count('ab')",
                "s.split(t)|length > 9",
                "s.partition(t)[2]",
                "s|length",
                "s|upper",
                "s|int",
                "s.strip('b')",
                "s.endswith(t)",
                "s.startswith((t, t))",
                "s == t ~ s",
                "s.title()",
                "s|trim == t",
                "s.replace(t, '')",
                "{s: 1}",
                "s|tojson",
                "'%s' % s",
                "'{}'.format(s)")) {
            hostile.add(text + condition + end);
        }
        for (String condition : List.of(
                "(s ~ 'x')|float",
                "(s ~ 'x')|int",
                "strftime_now('%Y' * 1000000)",
                "('\\u00e4' * 2000000)|tojson(ensure_ascii=true)",
                "['\\x01' * 1000000]|string",
                "s.strip('\\U0010ffff')")) {
            hostile.add("{% set s = '1' * 1000000 %}{% for i in range(50000) %}{% if " + condition + end);
        }
        for (String template : hostile) {
            String result = render(template, Map.of());
            assertTrue(
                    result.startsWith("ERROR the template takes more than 1,000,000 steps")
                            || result.startsWith("ERROR more than 4,194,304 characters"),
                    () -> template + " gives " + result.substring(0, Math.min(99, result.length())));
        }
        // What real conversations do stays far from the limit: 400 messages of 1,000 characters.
        Map<Object, @Nullable Object> message = new LinkedHashMap<>();
        message.put("role", "user");
        message.put("content", "</think> word".repeat(80));
        assertEquals(
                "400",
                render(
                        "{% set n = namespace(i=0) %}{% for m in messages %}{% if messages[loop.index0].content is string and '</think>' in m.content and messages|length %}"
                                + "{% set x = m.content.split('</think>')[-1]|trim %}{% set n.i = n.i + 1 %}{% endif %}{% endfor %}{{ n.i }}",
                        Map.of("messages", java.util.Collections.nCopies(400, message))));
    }

    /** A thread that is interrupted ends, also in a template that would run on. */
    @Test
    void aTemplateCanBeGivenUp() {
        Thread.currentThread().interrupt();
        try {
            assertThrows(
                    java.util.concurrent.CancellationException.class,
                    () -> render("{% set s = 'a' * 100000 %}{{ s|upper|lower|length }}", Map.of()));
        } finally {
            assertTrue(Thread.interrupted());
        }
    }

    /** Reading a template takes a time that grows with its length, and nothing of it the thread's stack. */
    @Test
    @Timeout(300)
    void longAndDeepTemplates() {
        assertTrue(render("{%raw x%}".repeat(110_000), Map.of()).startsWith("ERROR line 1: "));
        assertTrue(render("\u4e00" + "{%raw x%}".repeat(110_000), Map.of()).startsWith("ERROR line 1: "));
        assertTrue(render("{".repeat(1_000_000), Map.of()).startsWith("ERROR line 1: "));
        assertEquals("{ ".repeat(400_000), render("{ ".repeat(400_000), Map.of()));
        assertEquals("", render("{##}".repeat(250_000), Map.of()));
        assertEquals("a{{b}}c", render("a{% raw %}{{b}}{%- endraw %}c", Map.of()));
        assertEquals("y", render("{% if a %}" + "{% elif a %}".repeat(60_000) + "{% else %}y{% endif %}", Map.of()));
        assertEquals("3", render("{% if a %}1{% elif b %}2{% elif not b %}3{% else %}4{% endif %}", Map.of()));
        for (String deep : List.of(
                "{{ " + "a~".repeat(100_000) + "1 }}",
                "{{ a" + ".a".repeat(200_000) + " }}",
                "{{ [1]" + "[0]".repeat(100_000) + " }}",
                "{{ 'a'" + "|upper".repeat(100_000) + " }}",
                "{{ " + "1 if a else ".repeat(50_000) + "1 }}",
                "{{ 1" + " if 1".repeat(50_000) + " }}",
                "{{ " + "-".repeat(200_000) + "1 }}",
                "{{ 1" + "+1".repeat(50_000) + " }}",
                "{{ " + "2**".repeat(50_000) + "1 }}",
                "{{ " + "a or ".repeat(50_000) + "1 }}",
                "{{ " + "1 and ".repeat(50_000) + "1 }}",
                "{{ a" + "()".repeat(50_000) + " }}",
                "{{ a" + " is none".repeat(50_000) + " }}",
                "{{ " + "[".repeat(100_000) + "]".repeat(100_000) + " }}",
                "{% for a in [1] %}".repeat(30_000),
                "{% filter upper %}".repeat(30_000),
                "{% set n = namespace() %}{% set n.a = n %}{{ n }}",
                "{% set n = namespace() %}{% set n.a = n %}{{ n|tojson }}",
                "{% set n = namespace(a=[]) %}{% for i in range(9999) %}{% set n.a = [n.a] %}{% endfor %}{{ n.a }}",
                "{% set n = namespace(a=[],b=[]) %}{% for i in range(9999) %}{% set n.a = [n.a] %}{% set n.b = [n.b] %}{% endfor %}{{ n.a == n.b }}",
                "{% set n = namespace(a=(1,)) %}{% for i in range(9999) %}{% set n.a = (n.a,) %}{% endfor %}{{ {n.a: 1} }}")) {
            String result = render(deep, Map.of());
            assertTrue(
                    result.startsWith("ERROR ") && result.contains("the template is nested more than "),
                    () -> deep.substring(0, Math.min(120, deep.length())) + " gives "
                            + result.substring(0, Math.min(99, result.length())));
        }
    }

    /** What an operation does not take is said: which one it is, and of what. */
    @Test
    void argumentsThatAreMissingOrOdd() {
        for (String[] wrong : new String[][] {
            {"{% for m in [1] %}{{ loop.cycle() }}{% endfor %}", "loop.cycle: at least 1 argument"},
            {"{{ strftime_now() }}", "strftime_now: 1 argument"},
            {"{{ range() }}", "range: 1 to 3 arguments"},
            {"{{ range(1, 2, 3, 4) }}", "range: 1 to 3 arguments"},
            {"{{ range(1, 5, 0) }}", "range: a step of 0"},
            {"{{ [1]|map }}", "the filter 'map'"},
            {"{{ [1]|selectattr }}", "the filter 'selectattr'"},
            {"{{ [1]|select('eq') }}", "the test 'eq' takes one argument"},
            {"{{ [1]|select('odd', 1) }}", "the test 'odd' takes no argument"},
            {"{{ 1 is divisibleby }}", "the test 'divisibleby' takes one argument"},
            {"{{ 1 is divisibleby(0) }}", "the test 'divisibleby': / by zero"},
            {"{{ 1 is eq(other=1) }}", "the test 'eq': its arguments have no names"},
            {"{{ [1]|tojson(separators=[]) }}", "tojson: separators: two are needed"},
            {"{{ {1: 2, 'a': 3}|tojson(sort_keys=true) }}", "have no order"},
            {"{{ {none: 2, 'a': 3}|tojson(sort_keys=true) }}", "have no order"},
            {"{{ {[1]: 2} }}", "a value of type list cannot be a key"},
            {"{{ {{}: 2} }}", "a value of type dict cannot be a key"},
            {"{{ (1e308 * 10)|round }}", "the filter 'round': Infinity, and a finite number is needed"},
            {"{{ (1e308 * 10 - 1e308 * 10)|round }}", "the filter 'round': NaN"},
            {"{{ ('nan'|float)|round }}", "the filter 'round': NaN"},
            {"{{ 99999999999999999999999 }}", "line 1: the integer 99999999999999999999999: integers have 64 bits"},
            {"a\n{{ a.99999999999999999999 }}", "line 2: the integer 99999999999999999999"},
            {"{{ '99999999999999999999'|int }}", "the integer 99999999999999999999"},
            {"{{ 1e300|int }}", "the filter 'int': 1.0E300"},
            {"{{ 'zz'|int(0, 99) }}", "a base of 2 to 36"},
            {"{{ [{}]|join(',', attribute='a.99999999999999999999') }}", "the integer 99999999999999999999"},
            {"{{ (-9223372036854775807 - 1)|abs }}", "the filter 'abs': "},
            {"{{ 9223372036854775807 + 1 }}", "integers have 64 bits here"},
            {"{{ [1, 'a']|sort }}", "have no order"},
            {"{{ [1]|groupby }}", "the filter 'groupby' needs an argument 'attribute'"},
            {"{{ '%d' % 'x' }}", "the format '%d' of a value of type str"},
            {"{{ '%' % 1 }}", "the format '% ' is not known"},
            {"{{ '{9999}'.format(1) }}", "format: there is nothing for '{9999}'"},
            {"{{ '{a}'.format(b=1) }}", "format: there is nothing for '{a}'"},
            {"{{ 'a'.replace('a') }}", "the method 'replace' takes 2 to 3 arguments here, and has 1"},
            {"{{ 'a'|replace('a') }}", "the filter 'replace' needs an argument 'new'"},
            {"{{ 'a'.split(1) }}", "a string is needed"},
            {"{{ 'a'.split(by='x') }}", "the method 'split' takes no argument 'by'"},
            {"{{ ','.join() }}", "the method 'join' takes 1 argument"},
            {"{{ 'a'.startswith() }}", "the method 'startswith' takes 1 argument"},
            {"{{ 'a'.startswith('a', 1) }}", "the method 'startswith' takes 1 argument"},
            {"{{ {}.get() }}", "the method 'get' takes 1 to 2 arguments"},
            {"{{ 'a'.zfill('x') }}", "a number is needed"},
            {"{{ 'a'.upper(1) }}", "the method 'upper' takes 0 arguments"},
            {"{% set c = cycler() %}", "cycler: at least one value"},
            {"{% call(x) [].x() %}{% endcall %}", "'x' is undefined"}
        }) {
            String text = render(wrong[0], Map.of());
            assertTrue(text.startsWith("ERROR ") && text.contains(wrong[1]), () -> wrong[0] + " gives " + text);
        }
        assertEquals(
                "|abc|cba|a| |1|[1]|{'a': 1}|b|inf",
                render(
                        "{{ 'abc'[9223372036854775807:] }}|{{ 'abc'[-9223372036854775807:] }}|{{ 'abc'[::-1] }}|{{ 'abc'[::-9223372036854775807][1:] ~ 'a' }}| "
                                + "|{{ range(9223372036854775806, 9223372036854775807, 9223372036854775807)|length }}|{{ [1, 2][::9223372036854775807] }}"
                                + "|{{ {'a': 1} }}|{{ 'abc'[1] }}|{{ 1e999 }}",
                        Map.of()));
    }

    /**
     * Whose a character is is known whatever a template does with it, and the template sees the true text: no filter
     * and no method makes somebody's characters the template's.
     */
    @Test
    void whoseCharactersAre() {
        JinjaTemplate.Foreign content = new JinjaTemplate.Foreign("ab<X>c");
        for (String[] one : new String[][] {
            {"[{{ c }}]", "[ab<X>c]", " ###### "},
            {"{{ 'x' + c ~ 'y' }}", "xab<X>cy", " ###### "},
            {"{{ c|length }}{{ c == 'ab<X>c' }}{{ '<X>' in c }}", "6TrueTrue", "#        "},
            {"{{ {'ab<X>c': 1}[c] }}", "1", " "},
            {"{{ 1 }}{{ c|int }}{{ 12 }}{{ c is string }}", "1012True", " ###    "},
            {"{{ c.find('X') }}{{ [3] }}", "3[3]", "####"},
            {"{{ c|upper }}{{ c.lower() }}", "AB<X>Cab<x>c", "############"},
            {"{{ c|replace('X', 'yy') }}", "ab<yy>c", "###  ##"},
            {"{{ 'a-b'.replace('-', c) }}", "aab<X>cb", " ###### "},
            {"{{ c.split('<')[1] }}!", "X>c!", "### "},
            {"{{ c[::-1] }}{{ c[1:3] }}{{ c[0] }}{{ c|first }}{{ c|last }}", "c>X<bab<aac", "###########"},
            {"{{ c|list|unique|join('-') }}", "a-b-<-X->-c", "# # # # # #"},
            {"{% for x in c %}{{ x }}.{% endfor %}", "a.b.<.X.>.c.", "# # # # # # "},
            {"{{ c|reverse }}{{ c|list|sort|join }}", "c>X<ba<>abcX", "############"},
            {"{{ '%s!' % c }}{{ '{}!'.format(c) }}", "ab<X>c!ab<X>c!", "###### ###### "},
            {"{{ c.partition('<')[2] }}{{ c.removeprefix('ab') }}", "X>c<X>c", "#######"},
            {"{{ [c, 'y']|join('|') }}", "ab<X>c|y", "######  "},
            {"{% set x %}_{{ c }}{% endset %}{{ x }}", "_ab<X>c", " ######"},
            {"{% macro f(v) %}({{ v|trim }}){% endmacro %}{{ f(c) }}", "(ab<X>c)", " ###### "},
            {"{% filter upper %}q{{ c }}{% endfilter %}", "QAB<X>C", " ######"},
            {"{{ c|indent(2, true) }}{{ c.zfill(8) }}", "  ab<X>c00ab<X>c", "  ######  ######"},
            {"{{ c|e }}", "ab&lt;X&gt;c", "##    #    #"},
            {"{{ c|tojson }}{{ [c] }}", "\"ab<X>c\"['ab<X>c']", "##################"},
            {"{{ c * 2 }}{{ ([c] * 2)|join }}", "ab<X>cab<X>cab<X>cab<X>c", "########################"},
            {"{{ {'a': c}.a }}{{ ({'a': c}|items|first)[1] }}", "ab<X>cab<X>c", "############"},
            {"{{ [{'k': c}]|map(attribute='k')|map('upper')|join }}", "AB<X>C", "######"},
            {"{{ c.splitlines()[0] }}{{ c.strip('a') }}{{ c|default('z') }}", "ab<X>cb<X>cab<X>c", "#################"}
        }) {
            JinjaTemplate.Rendered rendered = JinjaTemplate.of(one[0]).write(Map.of("c", content), NOW);
            assertEquals(one[1], rendered.text(), one[0]);
            StringBuilder marks = new StringBuilder();
            for (int i = 0; i < rendered.text().length(); i++) {
                marks.append(rendered.foreign().get(i) ? '#' : ' ');
            }
            assertEquals(one[2], marks.toString(), one[0]);
        }
    }

    /** As Python does. */
    @Test
    void partsOfStrings() {
        assertEquals(
                "['a', 'b,c']|['a,b', 'c']|['a', 'b', 'c']|['', '', '']|['a', 'b  c ']|['a', 'b', 'c']|[' a  b', 'c']|axbc|axbx",
                render(
                        "{{ 'a,b,c'.split(',', 1) }}|{{ 'a,b,c'.rsplit(',', 1) }}|{{ 'a,b,c'.rsplit(',') }}|{{ 'aaaa'.split('aa') }}|{{ ' a  b  c '.split(none, 1) }}|{{ ' a b  c '.split() }}|{{ ' a  b  c '.rsplit(none, 1) }}"
                                + "|{{ 'a.b.c'.replace('.', 'x', 1).replace('.', '') }}|{{ 'a.b.'.replace('.', 'x') }}",
                        Map.of()));
    }

    /**
     * The last newline is the file's behind a tag, and the text's behind text: there Jinja takes it off, and with it a
     * part of the prompt.
     */
    @Test
    void theLastNewline() throws TemplateException {
        assertEquals(
                "<|im_start|>assistant\n",
                JinjaTemplate.of("{% if 1 %}<|im_start|>{% endif %}assistant\n").render(Map.of(), NOW));
        assertEquals(
                "<|im_start|>",
                JinjaTemplate.of("{% if 1 %}<|im_start|>{% endif %}\n").render(Map.of(), NOW));
        assertEquals("a", JinjaTemplate.of("{{ 'a' }}\n").render(Map.of(), NOW));
    }

    @Test
    void exceptionsThatTemplatesRaiseAreTheirMessage() {
        assertEquals(
                "roles must alternate",
                assertThrows(
                                TemplateException.class,
                                () -> JinjaTemplate.of("{{ raise_exception('roles must alternate') }}")
                                        .render(Map.of(), NOW))
                        .getMessage());
        assertTrue(assertThrows(TemplateException.class, () -> JinjaTemplate.of("a\n{% if %}"))
                .getMessage()
                .startsWith("line 2: "));
    }
}
