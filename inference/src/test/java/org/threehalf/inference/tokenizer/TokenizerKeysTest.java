package org.threehalf.inference.tokenizer;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.threehalf.inference.TinyModels;
import org.threehalf.inference.gguf.GgufFile;
import org.threehalf.inference.gguf.GgufMetadata;
import org.threehalf.inference.gguf.GgufReader;
import org.threehalf.inference.gguf.GgufValue;
import org.threehalf.inference.gguf.ModelFormatException;
import org.threehalf.inference.gguf.ValueType;

/** A key of the tokenizer that would change its tokens, and that nothing computes, is refused by name. */
class TokenizerKeysTest {

    private static GgufMetadata with(String model, String key, GgufValue value) throws IOException {
        try (GgufFile file = GgufReader.open(TinyModels.path(model))) {
            SequencedMap<String, GgufValue> entries = new LinkedHashMap<>();
            // Views of the file, which is closed before they are read.
            file.metadata()
                    .entries()
                    .forEach((name, of) -> entries.put(
                            name,
                            new GgufValue(
                                    of.type(),
                                    java.lang.foreign.MemorySegment.ofArray(
                                            of.bytes().toArray(java.lang.foreign.ValueLayout.JAVA_BYTE)))));
            entries.put(key, value);
            return new GgufMetadata(model, entries);
        }
    }

    @Test
    void keysThatNothingComputesAreRefused() throws IOException {
        GgufValue map = GgufValue.arrayOf(ValueType.UINT32, List.of(GgufValue.ofUint32(1)));
        for (Map.Entry<String, GgufValue> entry : Map.of(
                        "tokenizer.ggml.precompiled_charsmap", map,
                        "tokenizer.ggml.remove_extra_whitespaces", GgufValue.of(true),
                        "tokenizer.ggml.escape_whitespaces", GgufValue.of(false),
                        "tokenizer.ggml.eog_token_ids", map,
                        "tokenizer.ggml.normalizer.lowercase", GgufValue.of(true))
                .entrySet()) {
            for (String model : List.of("llama2", "llama3")) {
                GgufMetadata metadata = with(model, entry.getKey(), entry.getValue());
                String message = assertThrows(ModelFormatException.class, () -> Tokenizer.of(metadata))
                        .getMessage();
                assertTrue(
                        message.startsWith(model + ": metadata " + entry.getKey() + " is ")
                                && message.contains("--ignore-key " + entry.getKey()),
                        message);
                Tokenizer.of(metadata, Set.of(entry.getKey()));
            }
        }
        GgufMetadata pairs = with("llama3", "tokenizer.ggml.add_space_prefix", GgufValue.of(true));
        assertThrows(ModelFormatException.class, () -> Tokenizer.of(pairs), "pairs put no space before a text");
    }

    @Test
    void harmlessKeysAreNot() throws IOException {
        for (Map.Entry<String, GgufValue> entry : Map.of(
                        "tokenizer.ggml.padding_token_id", GgufValue.ofUint32(1),
                        "tokenizer.ggml.remove_extra_whitespaces", GgufValue.of(false),
                        "tokenizer.ggml.add_space_prefix", GgufValue.of(false),
                        "tokenizer.ggml.precompiled_charsmap", GgufValue.arrayOf(ValueType.UINT32, List.of()))
                .entrySet()) {
            for (String model : List.of("llama2", "llama3")) {
                assertTrue(Tokenizer.of(with(model, entry.getKey(), entry.getValue()))
                                .vocabulary()
                                .size()
                        > 0);
            }
        }
    }

    /** A wrong type is refused even where the value would not count, and a token that ends a message ends an answer. */
    @Test
    void typesAndEnds() throws IOException {
        GgufMetadata number = with("qwen3", "tokenizer.ggml.add_bos_token", GgufValue.ofUint32(1));
        assertThrows(ModelFormatException.class, () -> Tokenizer.of(number));
        assertEquals(
                true,
                Tokenizer.of(with("llama3", "tokenizer.ggml.eom_token_id", GgufValue.ofUint32(5)))
                        .vocabulary()
                        .isEnd(5));
    }
}
