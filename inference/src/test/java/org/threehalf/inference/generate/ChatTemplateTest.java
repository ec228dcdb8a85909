package org.threehalf.inference.generate;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.time.LocalDateTime;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.threehalf.inference.TinyModels;
import org.threehalf.inference.generate.ChatTemplate.Message;
import org.threehalf.inference.generate.ChatTemplate.Rendered;
import org.threehalf.inference.gguf.GgufFile;
import org.threehalf.inference.gguf.GgufMetadata;
import org.threehalf.inference.gguf.GgufReader;
import org.threehalf.inference.gguf.GgufValue;
import org.threehalf.inference.gguf.ModelFormatException;
import org.threehalf.inference.tokenizer.Tokenizer;

/** The tokenizer is that of the tiny Llama 3, whose control tokens are spelt {@code <|begin|>} and {@code <|end|>}. */
class ChatTemplateTest {
    private static final String ENDS =
            "{% for m in messages %}{{ m.role }}:{{ m.content }}<|end|>{% endfor %}{% if add_generation_prompt %}assistant:{% endif %}";

    private static Tokenizer tokenizer() {
        try (GgufFile file = GgufReader.open(TinyModels.path("llama3"))) {
            return Tokenizer.of(file.metadata());
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    private static ChatTemplate of(String architecture, String template) throws ModelFormatException {
        LinkedHashMap<String, GgufValue> entries = new LinkedHashMap<>();
        entries.put("general.architecture", GgufValue.of(architecture));
        if (!template.isEmpty()) {
            entries.put("tokenizer.chat_template", GgufValue.of(template));
        }
        return ChatTemplate.of(new GgufMetadata("m.gguf", entries), tokenizer(), null);
    }

    private static Message user(String text) {
        return new Message("user", text);
    }

    private static Message assistant(String text) {
        return new Message("assistant", text);
    }

    private static Message system(String text) {
        return new Message("system", text);
    }

    /** As the models' cards show them. */
    @Test
    void familiesWithoutATemplateOfTheirOwn() throws ModelFormatException {
        ChatTemplate gemma = of("gemma3", "");
        assertEquals(
                "<|begin|><start_of_turn>user\nHello<end_of_turn>\n<start_of_turn>model\n",
                gemma.render(List.of(user("Hello")), true).text());
        assertEquals(
                "<|begin|><start_of_turn>user\nBe brief.\n\nHello<end_of_turn>\n<start_of_turn>model\nHi<end_of_turn>\n<start_of_turn>user\nAnd?<end_of_turn>\n<start_of_turn>model\n",
                gemma.render(List.of(system("Be brief."), user("Hello"), assistant("Hi"), user("And?")), true)
                        .text());
        assertEquals(
                "<|im_start|>system\nS<|im_end|>\n<|im_start|>user\nU<|im_end|>\n<|im_start|>assistant\n",
                of("qwen3", "").render(List.of(system("S"), user("U")), true).text());
        assertEquals(
                "<|begin|>[INST] U [/INST]A<|end|>[INST] V [/INST]",
                of("llama", "")
                        .render(List.of(user("U"), assistant("A"), user("V")), true)
                        .text());
        assertTrue(assertThrows(ModelFormatException.class, () -> of("mamba", ""))
                .getMessage()
                .contains("--chat-template"));
        ChatTemplate named = ChatTemplate.of(
                new GgufMetadata("m.gguf", new LinkedHashMap<>()),
                tokenizer(),
                ChatTemplate.named("llama3").orElseThrow());
        assertEquals(
                "<|begin|><|start_header_id|>user<|end_header_id|>\n\nU<|eot_id|><|start_header_id|>assistant<|end_header_id|>\n\n",
                named.render(List.of(user("U")), true).text());
    }

    /** What asks for the time can be told one, which then does not go on. */
    @Test
    void theTimeCanBeFixed() throws ModelFormatException {
        assertFalse(of("llama", ENDS).tellsTime());
        ChatTemplate dated = of("llama", "{{ strftime_now('%d %b %Y %H:%M:%S') }}");
        assertTrue(dated.tellsTime());
        assertEquals(
                "03 Feb 2020 04:05:06",
                dated.at(LocalDateTime.of(2020, 2, 3, 4, 5, 6))
                        .render(List.of(user("U")), true)
                        .text());
        assertNotEquals(
                "03 Feb 2020 04:05:06", dated.render(List.of(user("U")), true).text());
    }

    /** The file's own template counts, with what it adds and what it refuses. */
    @Test
    void theFilesOwnTemplate() throws ModelFormatException {
        ChatTemplate own =
                of("qwen3", "{% if messages[0].role != 'system' %}system:I am a helper.<|end|>{% endif %}" + ENDS);
        assertEquals(
                "system:I am a helper.<|end|>user:Hello<|end|>assistant:",
                own.render(List.of(user("Hello")), true).text());
        ChatTemplate refusing = of(
                "llama",
                "{% if messages[0].role == 'system' %}{{ raise_exception('System role not supported') }}{% endif %}");
        assertTrue(assertThrows(ModelFormatException.class, () -> refusing.render(List.of(system("x")), true))
                .getMessage()
                .contains("System role not supported"));
        assertTrue(assertThrows(ModelFormatException.class, () -> of("llama", "{% nonsense %}"))
                .getMessage()
                .contains("cannot be read: line 1"));
    }

    private static long controls(Rendered text) {
        Tokenizer tokenizer = tokenizer();
        return Arrays.stream(tokenizer.encodeWithControlTokens(text.text(), text.foreign()))
                .filter(tokenizer.vocabulary()::isControl)
                .count();
    }

    /**
     * Whatever a message holds, there are as many control tokens as the template alone makes, and the text is the
     * template's.
     */
    @Test
    void messagesMakeNoControlTokens() throws ModelFormatException {
        for (String template : List.of(
                ENDS,
                ENDS.replace("m.content", "m.content | trim"),
                ENDS.replace("{{ m.content }}", "{{ m.content.split('</think>')[-1] }}"),
                ENDS.replace("m.content", "m.content if m.content.startswith('<') else 'none'"),
                ENDS.replace("m.content", "m.content | lower"),
                ENDS.replace("m.content", "m.content | replace('X', '')"),
                ENDS.replace("m.content", "m.content | replace('X', 'end')"),
                ENDS.replace("m.content", "m.content.split('X') | join"),
                ENDS.replace("m.content", "m.content.split('X') | join('end')"),
                ENDS.replace("m.content", "m.content[::-1]"),
                ENDS.replace("m.content", "m.content | list | unique | join"),
                ENDS.replace("{{ m.content }}", "{% for c in m.content %}{{ c }}{% endfor %}"),
                ENDS.replace("{{ m.content }}", "{{ m.content[0] }}|end|>"),
                ENDS.replace("m.content", "m.content | tojson"),
                ENDS.replace("m.content", "'%s' % m.content"),
                ENDS.replace("m.content", "{'a': m.content} | string"),
                ENDS.replace("{{ m.content }}", "{% filter lower %}{{ m.content }}{% endfilter %}"),
                ENDS.replace(":{{ m.content }}", "<|{{ m.content }}"))) {
            for (String text : List.of(
                    "a<|end|>b",
                    "<|end|>",
                    "  <|begin|><|end|>  ",
                    "<|begin|>",
                    "end|>",
                    "|end|>",
                    "\n<|end|>\n<|end|>",
                    "<</think><|end|>",
                    "<|EnD|>",
                    "<|XenXd|>",
                    "<|X|>",
                    ">|dne|<",
                    "<|end>",
                    "<",
                    "\ufdd0<|end|>\ufdd1",
                    "plain")) {
                ChatTemplate chat = of("llama", template);
                Rendered rendered = chat.render(List.of(user(text)), true);
                assertTrue(controls(rendered) <= 1, template + " with " + text);
            }
            String own = template.contains("m.content[0]") ? "yz" : "xyz";
            assertEquals(1, controls(of("llama", template).render(List.of(user(own)), true)), template);
        }
    }

    /** Roles are the template's to make tokens of; a role that is none is text like a message. */
    @Test
    void rolesMakeControlTokensOnlyIfTheyAreKnown() throws ModelFormatException {
        String template = "{{ m }}{% for m in messages %}<|{{ m.role }}|>{% endfor %}";
        Rendered known = of("llama", template).render(List.of(user("x")), true);
        assertTrue(known.foreign().isEmpty());
        Rendered other = of("llama", template).render(List.of(new Message("end", "x")), true);
        assertEquals(0, controls(other));
        assertEquals(1, controls(new Rendered(other.text(), new java.util.BitSet())));
    }

    /** A seeded fault: without the marks the message's token is one. */
    @Test
    void withoutMarksTheMessageEndsItsTurn() throws ModelFormatException {
        Rendered rendered = of("llama", ENDS).render(List.of(user("a<|end|>b")), true);
        assertFalse(rendered.foreign().isEmpty());
        assertEquals(2, controls(new Rendered(rendered.text(), new java.util.BitSet())));
        assertEquals(1, controls(rendered));
    }

    private static Conversation talk(int capacity, int keep) throws ModelFormatException {
        return new Conversation(of("llama", ENDS), tokenizer(), capacity, keep, "S");
    }

    /** Every token that was drawn is in the context, as it was drawn, also the last one of an answer that was cut. */
    @Test
    void answersStayAsTheyWereDrawn() throws ModelFormatException {
        Tokenizer tokenizer = tokenizer();
        Conversation talk = talk(1000, 0);
        int[] first = talk.ask("one");
        assertArrayEquals(
                tokenizer.wrap(tokenizer.encodeWithControlTokens("system:S<|end|>user:one<|end|>assistant:")), first);
        // 'the' letter by letter, which encoding would never give.
        int[] answer = {
            tokenizer.encode("t")[0], tokenizer.encode("h")[0], tokenizer.encode("e")[0]
        };
        talk.answered(answer, "the");
        int[] second = talk.ask("two");
        assertArrayEquals(first, Arrays.copyOf(second, first.length));
        assertArrayEquals(answer, Arrays.copyOfRange(second, first.length, first.length + 3));
        assertArrayEquals(
                tokenizer.encodeWithControlTokens("<|end|>user:two<|end|>assistant:"),
                Arrays.copyOfRange(second, first.length + 3, second.length));
        assertEquals(0, talk.dropped());
    }

    /**
     * A full context: the oldest messages go in pairs, the instructions and those that are kept stay, and the text is
     * the template's of what is left.
     */
    @Test
    void aFullContextLosesTheOldestMessages() throws ModelFormatException {
        for (int keep : new int[] {0, 2}) {
            Conversation talk = talk(150, keep);
            Tokenizer tokenizer = tokenizer();
            for (int i = 0; i < 9; i++) {
                int[] tokens = talk.ask("question " + i);
                assertTrue(tokens.length < 150);
                String text = tokenizer.decode(tokens);
                assertTrue(text.contains("question " + i), text);
                assertTrue(talk.prompt().startsWith("system:S<|end|>"), talk.prompt());
                assertEquals(keep > 0 || talk.dropped() == 0, talk.prompt().contains("question 0"), talk.prompt());
                talk.answered(tokenizer.encode("answer " + i), "answer " + i);
            }
            assertTrue(talk.dropped() > 0);
        }
        Conversation small = talk(40, 0);
        assertTrue(assertThrows(IllegalArgumentException.class, () -> small.ask("x".repeat(100)))
                .getMessage()
                .contains("does not hold it"));
        assertTrue(small.ask("y").length < 40);
    }
}
