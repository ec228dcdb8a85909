package org.threehalf.inference.tokenizer;

import java.util.ArrayList;
import java.util.BitSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.IntConsumer;
import org.jspecify.annotations.Nullable;
import org.threehalf.inference.tokenizer.Vocabulary.Type;

/**
 * Cuts text at tokens that are never split: those that a user defined, and, where asked for, control tokens. At each
 * place the longest one counts.
 */
final class SpecialTokens {

    /** Told of the text between special tokens. */
    @FunctionalInterface
    interface Text {
        /** A part that is not empty; {@code start} says whether it begins the text or follows a special token. */
        void part(String part, boolean start);
    }

    /**
     * A token that is never split.
     *
     * @param text its spelling, not empty
     * @param id its id
     * @param control whether it counts only where control tokens are asked for
     */
    record Token(String text, int id, boolean control) {}

    /**
     * What tokens have in common from their beginning on: a place of a text is looked up in as many steps as the
     * longest token that it begins like has characters.
     */
    private static final class Node {
        private final Map<Character, Node> next = new HashMap<>();
        /** The tokens that are spelt so, the first of each kind. */
        private @Nullable Token control;

        private @Nullable Token userDefined;
    }

    private final Node root = new Node();

    SpecialTokens(Vocabulary vocabulary) {
        this(of(vocabulary));
    }

    /** Of tokens in the order of their ids: of two that are spelt alike the first one counts. */
    SpecialTokens(List<Token> tokens) {
        tokens.forEach(this::add);
    }

    private static List<Token> of(Vocabulary vocabulary) {
        List<Token> tokens = new ArrayList<>();
        for (int id = 0; id < vocabulary.size(); id++) {
            Type type = vocabulary.type(id);
            if (type == Type.CONTROL || type == Type.USER_DEFINED || type == Type.UNKNOWN) {
                String text = vocabulary.token(id);
                if (!text.isEmpty()) {
                    tokens.add(new Token(text, id, type != Type.USER_DEFINED));
                }
            }
        }
        return tokens;
    }

    private void add(Token token) {
        Node node = root;
        for (int i = 0; i < token.text.length(); i++) {
            node = node.next.computeIfAbsent(token.text.charAt(i), c -> new Node());
        }
        if (token.control) {
            node.control = node.control == null ? token : node.control;
        } else {
            node.userDefined = node.userDefined == null ? token : node.userDefined;
        }
    }

    /**
     * Cuts a text.
     *
     * @param control whether control tokens that are spelt out count
     * @param foreign characters of which no control token may be made, whatever {@code control} says: a user's text in
     *     a template's
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
        Token longest = null;
        int own = -1;
        Node node = root.next.get(text.charAt(at));
        for (int i = at + 1; node != null; i++) {
            Token here = node.userDefined;
            if (control && node.control != null) {
                // Up to where the text is the template's own: asked once a place, and only where a control token
                // stands.
                own = own >= 0 ? own : foreign.nextSetBit(at) < 0 ? text.length() : foreign.nextSetBit(at);
                here = i <= own && (here == null || node.control.id < here.id) ? node.control : here;
            }
            longest = here == null ? longest : here;
            node = i < text.length() ? node.next.get(text.charAt(i)) : null;
        }
        return longest;
    }
}
