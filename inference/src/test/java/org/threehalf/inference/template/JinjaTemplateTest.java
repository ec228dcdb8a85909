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
        assertEquals(227, cases.size());
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
