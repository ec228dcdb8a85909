package org.threehalf.inference.decoder;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.threehalf.inference.TinyModels;
import org.threehalf.inference.generate.GenerationOptions;
import org.threehalf.inference.generate.LanguageModel;
import org.threehalf.inference.gguf.GgufFile;
import org.threehalf.inference.gguf.GgufReader;
import org.threehalf.inference.gguf.ModelFormatException;
import org.threehalf.inference.gguf.TensorType;

class FiniteWeightsTest {

    @TempDir
    private Path folder;

    private Path changed(Path model, String tensor, int offset, int... bytes) throws IOException {
        return TinyModels.copy(model, folder.resolve("m.gguf"), values -> values, entry -> {
            if (!entry.info().name().equals(tensor)) {
                return entry;
            }
            byte[] data = entry.data().toArray(ValueLayout.JAVA_BYTE);
            for (int i = 0; i < bytes.length; i++) {
                data[offset + i] = (byte) bytes[i];
            }
            return new TinyModels.Entry(entry.info(), MemorySegment.ofArray(data));
        });
    }

    private static String refusal(Path model) throws IOException {
        try (LanguageModel opened = LanguageModel.open(model)) {
            IllegalStateException refused = assertThrows(
                    IllegalStateException.class,
                    () -> opened.generate("a", GenerationOptions.DEFAULT).close());
            String message = assertThrows(ModelFormatException.class, opened::requireFinite)
                    .getMessage();
            assertEquals(message, refused.getMessage());
            return String.valueOf(message);
        }
    }

    /** Models without fault: every type of the tiny ones. */
    @Test
    void modelsAsTheyAre() throws IOException {
        for (Path model : List.of(TinyModels.path("gemma3"), TinyModels.ofFolders("gpt-oss.gguf"))) {
            try (GgufFile file = GgufReader.open(model)) {
                FiniteWeights.require(file);
            }
        }
    }

    /** An exponent of MXFP4 by which codes pass binary32: file, tensor, layer, expert and weight are named. */
    @Test
    void exponents() throws IOException {
        int bytes = (int) TensorType.MXFP4.bytes(32);
        // Expert 3 of 5, its row 7 of 64, one block of 32 a row: the largest code is in its first byte.
        for (int exponent : new int[] {254, 255}) {
            Path model = changed(
                    TinyModels.ofFolders("gpt-oss.gguf"),
                    "blk.1.ffn_up_exps.weight",
                    (3 * 64 + 7) * bytes,
                    exponent,
                    0x77);
            assertEquals(
                    "m.gguf: tensor blk.1.ffn_up_exps.weight: row 199 (row 7 of expert 3): weight 0 is Infinity: only finite ones can be computed with",
                    refusal(model));
        }
        // The largest exponent with which all codes are finite.
        Path large = changed(
                TinyModels.ofFolders("gpt-oss.gguf"), "blk.1.ffn_up_exps.weight", (3 * 64 + 7) * bytes, 252, 0x77);
        try (LanguageModel opened = LanguageModel.open(large)) {
            opened.requireFinite();
        }
    }

    /** Numbers of other types, in a matrix that no layer has. */
    @Test
    void numbersThatAreNone() throws IOException {
        try (GgufFile file = GgufReader.open(TinyModels.path("gemma3"))) {
            assertEquals(TensorType.F32, file.tensor("token_embd.weight").type());
        }
        String message = refusal(changed(TinyModels.path("gemma3"), "token_embd.weight", 8, 0, 0, 0xc0, 0x7f));
        assertTrue(message.startsWith("m.gguf: tensor token_embd.weight: row 0: weight 2 is NaN"), message);
    }
}
