package org.threehalf.server;

import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;
import org.threehalf.inference.tokenizer.Tokenizer;
import org.threehalf.kernels.io.Sha256;

/**
 * What a server tells of its model.
 *
 * @param name the name that requests may give
 * @param sha256 of the file, lower-case hexadecimal
 * @param bytes the file's size
 * @param formats the formats of its matrices, with how many there are of each
 * @param backend the backend's name and what it runs on
 * @param version of ThreeHalf
 * @param evidenceSha256 of the evidence bundle that belongs to this build, or null where none was given
 * @param chatTemplateSha256 of the source of the template that writes conversations, or null where there is none
 * @param ignoredKeys of the file's metadata, which nothing computes and which were to be passed over
 * @param tokenizer text to tokens and back
 * @param chat writes a conversation as the model wants it, or null where the model has no template
 * @param created when the file was last changed, seconds since 1970
 */
public record ServedModel(
        String name,
        String sha256,
        long bytes,
        Map<String, Integer> formats,
        String backend,
        String version,
        @Nullable String evidenceSha256,
        @Nullable String chatTemplateSha256,
        Set<String> ignoredKeys,
        Tokenizer tokenizer,
        @Nullable ChatPrompt chat,
        long created) {

    /** Writes a conversation. */
    @FunctionalInterface
    public interface ChatPrompt {
        /**
         * The tokens of a conversation up to where the answer begins.
         *
         * @param turns at least one
         * @throws IllegalArgumentException if the model's template refuses the conversation
         */
        int[] tokens(List<Turn> turns);
    }

    /**
     * One message.
     *
     * @param role {@code system}, {@code user} or {@code assistant}
     * @param content its text: never control tokens, whatever is spelt out in it
     */
    public record Turn(String role, String content) {}

    /**
     * The OpenAI API's system fingerprint: the same where model, formats, chat template, ignored keys, backend and
     * version are, and with these every bit of every answer (REQ-DEC-005, REQ-DEC-006). A template that tells the date
     * writes another conversation on another day: then the prompt is another one, and the fingerprint is the same.
     */
    public String fingerprint() {
        String all = String.join(
                "\n",
                sha256,
                formats.toString(),
                backend,
                version,
                String.valueOf(evidenceSha256),
                String.valueOf(chatTemplateSha256),
                new TreeSet<>(ignoredKeys).toString());
        return "fp_" + HexFormat.of().formatHex(Sha256.digest().digest(all.getBytes(StandardCharsets.UTF_8)), 0, 8);
    }
}
