package org.threehalf.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class RequestReaderTest {

    private static CompletionRequest read(boolean chat, String json) {
        return RequestReader.read(json.getBytes(StandardCharsets.UTF_8), chat, "m");
    }

    private static ApiException refused(boolean chat, String json) {
        return assertThrows(ApiException.class, () -> read(chat, json), json);
    }

    /**
     * What changes an answer and is not computed, wrong types, numbers outside their range, and names that are not
     * known: each refused, and named.
     */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "frequency_penalty: 0.5",
                "presence_penalty: -1",
                "logit_bias: {\"5\": 1}",
                "tools: [{}]",
                "functions: [{}]",
                "tool_choice: \"required\"",
                "audio: {}",
                "prediction: {}",
                "web_search_options: {}",
                "reasoning_effort: \"low\"",
                "verbosity: \"low\"",
                "modalities: [\"audio\"]",
                "response_format: {\"type\": \"json_object\"}",
                "response_format: {\"type\": \"json_schema\", \"json_schema\": {}}",
                "response_format: 5",
                "temperature: 3",
                "temperature: -0.1",
                "temperature: \"1\"",
                "temperature: 1e400",
                "top_p: -0.1",
                "top_p: 1.1",
                "top_k: -1",
                "top_k: 1.5",
                "seed: 1.5",
                "seed: 99999999999999999999",
                "max_tokens: 0",
                "max_tokens: -1",
                "max_tokens: 1e9",
                "max_completion_tokens: 0",
                "stop: 5",
                "stop: [\"a\", \"b\", \"c\", \"d\", \"e\"]",
                "stop: \"\"",
                "stop: [5]",
                "n: 0",
                "n: 33",
                "logprobs: 1",
                "top_logprobs: 21",
                "stream: 1",
                "stream_options: {}",
                "min_p: 0.1",
                "repetition_penalty: 1.1",
                "model: 5",
                "threehalf: {\"other\": true}",
                "threehalf: true",
                "messages: {}",
                "messages: []",
                "messages: [5]",
                "messages: null"
            })
    void isRefused(String member) {
        String[] parts = member.split(": ", 2);
        String messages =
                parts[0].equals("messages") ? "" : "\"messages\": [{\"role\": \"user\", \"content\": \"a\"}], ";
        ApiException e = refused(true, "{" + messages + "\"" + parts[0] + "\": " + parts[1] + "}");
        assertEquals(400, e.status());
        assertTrue(
                String.valueOf(e.getMessage()).contains(parts[0])
                        || String.valueOf(e.parameter()).contains(parts[0]),
                e.getMessage());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{\"role\": \"tool\", \"content\": \"a\"}",
                "{\"role\": \"user\"}",
                "{\"role\": \"user\", \"content\": 5}",
                "{\"content\": \"a\"}",
                "{\"role\": \"user\", \"content\": \"\\ud800\"}",
                "{\"role\": \"user\", \"content\": [{\"type\": \"image_url\", \"image_url\": {\"url\": \"x\"}}]}",
                "{\"role\": \"assistant\", \"content\": \"a\", \"tool_calls\": [{}]}",
                "{\"role\": \"user\", \"content\": \"a\", \"weight\": 0}"
            })
    void messagesAreRefused(String message) {
        assertEquals(400, refused(true, "{\"messages\": [" + message + "]}").status());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "5",
                "[]",
                "[[]]",
                "[\"a\", 5.5]",
                "[1.5]",
                "{}",
                "null",
                "[[\"a\"]]",
                "[99999999999]",
                "\"\\udc00\""
            })
    void promptsAreRefused(String prompt) {
        assertEquals(400, refused(false, "{\"prompt\": " + prompt + "}").status());
    }

    @ParameterizedTest
    @ValueSource(strings = {"echo: true", "suffix: \"a\"", "best_of: 2", "logprobs: 6", "messages: []"})
    void ofCompletionsIsRefused(String member) {
        assertEquals(
                400,
                refused(false, "{\"prompt\": \"a\", \"" + member.replace(": ", "\": ") + "}")
                        .status());
    }

    /** Nothing that is sent in the place of JSON ends in anything but a refusal. */
    @Test
    void hostileBodies() {
        for (String body : List.of(
                "",
                "{",
                "[]",
                "5",
                "null",
                "{\"prompt\": \"a\"} x",
                "{\"prompt\": \"a\", \"prompt\": \"b\"}",
                "{\"a\":".repeat(100_000),
                "[".repeat(100_000),
                "\u0000",
                "{\"prompt\": NaN}")) {
            assertEquals(400, refused(false, body).status());
        }
        Random random = new Random(1);
        byte[] right =
                "{\"prompt\": [\"a\", [1, 2]], \"stop\": [\"x\"], \"seed\": 7, \"threehalf\": {\"logits_sha256\": true}}"
                        .getBytes(StandardCharsets.UTF_8);
        for (int i = 0; i < 20_000; i++) {
            byte[] body = right.clone();
            for (int j = random.nextInt(4); j >= 0; j--) {
                body[random.nextInt(body.length)] = (byte) random.nextInt(256);
            }
            try {
                RequestReader.read(body, random.nextBoolean(), "m");
            } catch (ApiException refused) {
                assertEquals(0, refused.getStackTrace().length);
            }
        }
    }

    @Test
    void whatChangesNothingIsTaken() {
        CompletionRequest request = read(true, """
                {"model": "m", "messages": [{"role": "developer", "content": "d", "name": "n"}, {"role": "user", "content": [{"type": "text", "text": "a"}, {"type": "text", "text": "b"}]}],
                 "user": "u", "metadata": {"a": "b"}, "store": false, "service_tier": "auto", "frequency_penalty": 0, "presence_penalty": 0.0, "logit_bias": {}, "tools": [], "tool_choice": "none",
                 "response_format": {"type": "text"}, "n": null, "max_completion_tokens": 7, "max_tokens": 7, "stream": true, "stream_options": {"include_usage": true}, "parallel_tool_calls": true,
                 "logprobs": true, "stop": "s", "seed": -5, "temperature": 0, "top_p": 1, "top_k": 3}
                """);
        assertEquals(
                List.of(new CompletionRequest.Message("system", "d"), new CompletionRequest.Message("user", "ab")),
                request.messages());
        assertEquals(7, request.most());
        assertEquals(0, request.alternatives());
        assertEquals(-5L, request.seed());
        assertTrue(request.stream() && request.includeUsage());
        assertEquals(List.of("s"), request.stops());
        assertEquals(3, request.sampling().topK());
        assertEquals(
                400,
                refused(
                                true,
                                "{\"messages\": [{\"role\": \"user\", \"content\": \"a\"}], \"max_tokens\": 5, \"max_completion_tokens\": 6}")
                        .status());
        assertEquals(
                404, refused(true, "{\"model\": \"other\", \"messages\": []}").status());
    }
}
