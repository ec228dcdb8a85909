package org.threehalf.cli.bench;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.net.HttpURLConnection;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/**
 * Asks a server of the OpenAI API for a streamed completion, greedily, and keeps the times. Events are counted and not
 * taken apart but for the first and the last, so that the client takes little of the machine that it measures.
 *
 * @param server where the server is
 */
record CompletionClient(URI server) {
    private static final JsonMapper MAPPER = JsonMapper.builder().build();
    private static final int TIMEOUT_MILLIS = 600_000;

    /**
     * An answer's times.
     *
     * @param promptTokens the prompt's, as the server counts them
     * @param tokens the answer's, as the server counts them
     * @param begun when it was asked
     * @param first when its first text came
     * @param ended when it was whole
     */
    record Answer(int promptTokens, int tokens, long begun, long first, long ended) {
        /** Nanoseconds to the first text. */
        long untilFirst() {
            return first - begun;
        }

        /** Tokens a second after the first. */
        double rate() {
            return ended == first ? 0 : (tokens - 1) * 1e9 / (ended - first);
        }
    }

    /**
     * Asks.
     *
     * @param prompt token ids
     * @param tokens how many at most
     * @throws IOException if the server refuses, or says nothing that is understood; with what it said
     */
    Answer ask(int[] prompt, int tokens) throws IOException {
        ObjectNode body = MAPPER.createObjectNode()
                .put("max_tokens", tokens)
                .put("temperature", 0)
                .put("stream", true);
        body.putObject("stream_options").put("include_usage", true);
        var ids = body.putArray("prompt");
        for (int id : prompt) {
            ids.add(id);
        }
        byte[] bytes = MAPPER.writeValueAsBytes(body);
        long begun = System.nanoTime();
        HttpURLConnection connection =
                (HttpURLConnection) server.resolve("/v1/completions").toURL().openConnection();
        connection.setConnectTimeout(TIMEOUT_MILLIS);
        connection.setReadTimeout(TIMEOUT_MILLIS);
        connection.setRequestMethod("POST");
        connection.setDoOutput(true);
        connection.setFixedLengthStreamingMode(bytes.length);
        connection.setRequestProperty("Content-Type", "application/json");
        connection.getOutputStream().write(bytes);
        if (connection.getResponseCode() != 200) {
            try (InputStream error = connection.getErrorStream()) {
                throw new IOException("%s: status %d: %s"
                        .formatted(
                                server,
                                connection.getResponseCode(),
                                error == null ? "" : new String(error.readAllBytes(), StandardCharsets.UTF_8).strip()));
            }
        }
        try (BufferedReader lines =
                new BufferedReader(new InputStreamReader(connection.getInputStream(), StandardCharsets.UTF_8))) {
            return read(lines, begun);
        }
    }

    private Answer read(BufferedReader lines, long begun) throws IOException {
        long first = 0;
        long ended = 0;
        String usage = "";
        for (String line = lines.readLine(); line != null && !line.equals("data: [DONE]"); line = lines.readLine()) {
            if (!line.startsWith("data: ")) {
                continue;
            }
            if (first == 0
                    && !MAPPER.readTree(line.substring(6))
                            .path("choices")
                            .path(0)
                            .path("text")
                            .asString("")
                            .isEmpty()) {
                first = System.nanoTime();
            }
            ended = System.nanoTime();
            usage = line.contains("\"usage\"") ? line : usage;
        }
        JsonNode counts = usage.isEmpty()
                ? MAPPER.createObjectNode()
                : MAPPER.readTree(usage.substring(6)).path("usage");
        if (first == 0 || !counts.path("completion_tokens").isInt()) {
            throw new IOException(server + ": an answer without a text, or without its usage");
        }
        return new Answer(
                counts.path("prompt_tokens").asInt(),
                counts.path("completion_tokens").asInt(),
                begun,
                first,
                ended);
    }
}
