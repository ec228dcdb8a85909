package org.threehalf.inference.tokenizer;

import java.util.ArrayList;
import java.util.BitSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.IntConsumer;
import org.jspecify.annotations.Nullable;
import org.threehalf.inference.tokenizer.Vocabulary.Type;

/** Cuts text at tokens that are never split: those that a user defined, and, where asked for, control tokens. At each place the longest one counts. */
final class SpecialTokens {

    /** Told of the text between special tokens. */
    @FunctionalInterface
    interface Text {
        /** A part that is not empty; {@code start} says whether it begins the text or follows a special token. */
        void part(String part, boolean start);
    }

    private record Token(String text, int id, boolean control) {}

    /** By the first character, the longest first. */
    private final Map<Character, List<Token>> byFirst = new HashMap<>();

    SpecialTokens(Vocabulary vocabulary) {
        for (int id = 0; id < vocabulary.size(); id++) {
            Type type = vocabulary.type(id);
            if (type != Type.CONTROL && type != Type.USER_DEFINED && type != Type.UNKNOWN) {
                continue;
            }
            String text = vocabulary.token(id);
            if (!text.isEmpty()) {
                byFirst.computeIfAbsent(text.charAt(0), c -> new ArrayList<>()).add(new Token(text, id, type != Type.USER_DEFINED));
            }
        }
        byFirst.values().forEach(list -> list.sort((a, b) -> Integer.compare(b.text.length(), a.text.length())));
    }

    /** Whether a control token's spelling begins at a place of a text, or would if the text went on behind {@code end}. */
    boolean mayBegin(String text, int at, int end) {
        for (Token token : byFirst.getOrDefault(text.charAt(at), List.of())) {
            if (token.control && text.regionMatches(at, token.text, 0, Math.min(token.text.length(), end - at))) {
                return true;
            }
        }
        return false;
    }

    /** Whether the part of a text could be the rest of a control token's spelling, or begin with it, if there were more text before it. */
    boolean mayEnd(String text, int from, int end) {
        for (List<Token> tokens : byFirst.values()) {
            for (Token token : tokens) {
                for (int k = 1; token.control && k < token.text.length(); k++) {
                    if (text.regionMatches(from, token.text, k, Math.min(token.text.length() - k, end - from))) {
                        return true;
                    }
                }
            }
        }
        return false;
    }

    /**
     * Cuts a text.
     *
     * @param control whether control tokens that are spelt out count
     * @param foreign characters of which no control token may be made, whatever {@code control} says: a user's text in a template's
     * @param special told of the tokens
     * @param between told of what stands between them
     */
    void split(String text, boolean control, BitSet foreign, IntConsumer special, Text between) {
        int from = 0;
        boolean start = true;
        int at = 0;
        while (at < text.length()) {
            Token token = at(text, at, control, foreign);
            if (token == null) {
                at++;
                continue;
            }
            if (at > from) {
                between.part(text.substring(from, at), start);
            }
            special.accept(token.id);
            at += token.text.length();
            from = at;
            start = true;
        }
        if (at > from) {
            between.part(text.substring(from), start);
        }
    }

    private @Nullable Token at(String text, int at, boolean control, BitSet foreign) {
        List<Token> candidates = byFirst.get(text.charAt(at));
        if (candidates != null) {
            for (Token token : candidates) {
                if ((control || !token.control) && text.startsWith(token.text, at)) {
                    int next = token.control ? foreign.nextSetBit(at) : -1;
                    if (next < 0 || next >= at + token.text.length()) {
                        return token;
                    }
                }
            }
        }
        return null;
    }
}
