package org.threehalf.evidence.report;

import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.core.ObjectReadContext;
import tools.jackson.core.StreamReadFeature;
import tools.jackson.core.json.JsonFactory;
import tools.jackson.databind.JsonNode;

/**
 * How large what a stranger hands over may be. A text is read token by token before a tree is made of it, and a tree is
 * weighed before texts are made of its parts, so that refusing one costs no more than reading it once. A report of this
 * repository has some 200,000 tokens; each bound leaves several times what one needs.
 */
final class Bounds {
    /** Bytes of a bundle. */
    static final int BUNDLE = 24 << 20;
    /** Bytes of the report in it. */
    static final int REPORT = 12 << 20;
    /** Bytes of a file of envelopes, which hold a statement each. */
    static final int ENVELOPES = 8 << 20;
    /** Envelopes in a file. */
    static final int LINES = 1_000;
    /** Signatures of an envelope. */
    static final int SIGNATURES = 100;

    private static final int TOKENS = 600_000;
    private static final int DEPTH = 32;
    private static final int TEXT = 1 << 18;
    private static final int NAME = 200;
    /** The largest count. */
    private static final int COUNT = 1_000_000;
    /** Characters that may come of naming things with what they belong to. */
    private static final long WEIGHT = 1L << 26;

    private static final JsonFactory STRICT = JsonFactory.builder()
            .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
            .build();

    private Bounds() {}

    /**
     * Reads a report through and keeps nothing: it is one JSON value, no object has a member twice, its numbers are
     * counts, and it is within the bounds.
     *
     * @param what how messages call it
     * @throws ForgedException if not so
     */
    static void report(String what, byte[] json) {
        check(what, json, true);
    }

    /** The same of an envelope, which holds one long text, and whatever members else. */
    static void envelope(String what, byte[] json) {
        check(what, json, false);
    }

    private static void check(String what, byte[] json, boolean report) {
        try (JsonParser parser = STRICT.createParser(ObjectReadContext.empty(), json)) {
            int depth = 0;
            int tokens = 0;
            for (JsonToken token = parser.nextToken(); token != null; token = parser.nextToken()) {
                if (tokens > 0 && depth == 0) {
                    throw new ForgedException("%s is not JSON: something stands behind its end".formatted(what));
                }
                depth += token.isStructStart() ? 1 : token.isStructEnd() ? -1 : 0;
                if (++tokens > TOKENS || depth > DEPTH) {
                    throw new ForgedException("%s is too large: it has more than %s"
                            .formatted(what, depth > DEPTH ? DEPTH + " levels" : "%,d values".formatted(TOKENS)));
                }
                value(what, parser, token, report);
                if (report) {
                    head(what, parser, token, tokens);
                }
            }
            if (tokens == 0) {
                throw new ForgedException("%s is not JSON: it is empty".formatted(what));
            }
        } catch (JacksonException e) {
            throw new ForgedException("%s is not JSON with members that differ%s".formatted(what, place(e)));
        }
    }

    /** A report begins with its schema, so that what is none costs no more than that. */
    private static void head(String what, JsonParser parser, JsonToken token, int tokens) {
        if (tokens == 1 && token != JsonToken.START_OBJECT) {
            throw new ForgedException("%s is no JSON object".formatted(what));
        }
        if (tokens == 2
                && !(token == JsonToken.PROPERTY_NAME && parser.getString().equals("schema"))) {
            throw new ForgedException("%s does not begin with its schema".formatted(what));
        }
        if (tokens == 3
                && !(token == JsonToken.VALUE_STRING && parser.getString().equals(Evidence.SCHEMA))) {
            throw new ForgedException("%s follows %.60s, not %s: check it with the version that wrote it"
                    .formatted(what, parser.getString(), Evidence.SCHEMA));
        }
    }

    private static void value(String what, JsonParser parser, JsonToken token, boolean report) {
        switch (token) {
            case PROPERTY_NAME, VALUE_STRING -> {
                if (parser.getStringLength() > (token == JsonToken.PROPERTY_NAME ? NAME : report ? TEXT : ENVELOPES)) {
                    throw new ForgedException("%s is too large: a text or a name in it is".formatted(what));
                }
            }
            case VALUE_NUMBER_INT -> {
                String number = parser.getString();
                if (report && (!number.matches("[0-9]{1,7}") || Integer.parseInt(number) > COUNT)) {
                    throw new ForgedException("%s holds the number %.20s, which is no count".formatted(what, number));
                }
            }
            case VALUE_NUMBER_FLOAT -> {
                if (report) {
                    throw new ForgedException(
                            "%s holds the number %.20s, which is no count".formatted(what, parser.getString()));
                }
            }
            default -> {}
        }
    }

    /** Where in the text; the reader's own words are about the reader. */
    static String place(JacksonException e) {
        return e.getLocation() == null || e.getLocation().getLineNr() < 1
                ? ""
                : " (line %d, column %d)"
                        .formatted(e.getLocation().getLineNr(), e.getLocation().getColumnNr());
    }

    /**
     * Holds against the bounds what would come of a report that meets its schema: the verdict, matrix and complaints
     * name each thing with what it belongs to.
     *
     * @throws ForgedException if that is too much
     */
    static void weigh(String what, JsonNode report) {
        long[] weight = new long[1];
        report.forEach(member -> nodes(member, weight));
        long cases = report.path("cases").size();
        for (JsonNode backend : report.path("conformance")) {
            weight[0] += cases * backend.path("backend").asString().length();
        }
        if (weight[0] > WEIGHT) {
            throw new ForgedException(
                    "%s is too large: what follows from it has more than %,d characters".formatted(what, WEIGHT));
        }
    }

    private static long nodes(JsonNode node, long[] weight) {
        long nodes = 1;
        long own = 0;
        for (JsonNode child : node) {
            nodes += nodes(child, weight);
            own += node.isObject() && child.isString() ? child.asString().length() : 0;
        }
        weight[0] += own * nodes;
        return nodes;
    }
}
