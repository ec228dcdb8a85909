package org.threehalf.inference.huggingface;

import java.io.IOException;
import java.nio.charset.CharacterCodingException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.SequencedMap;
import org.threehalf.inference.gguf.GgufValue;
import org.threehalf.inference.gguf.ModelFormatException;
import tools.jackson.databind.JsonNode;

/**
 * A folder's chat template: of its own file, or of {@code tokenizer_config.json}; of several with names, the one called
 * {@code default}, with the others beside it.
 */
final class ChatTemplates {
    private static final String KEY = "tokenizer.chat_template";
    private static final long MAX_BYTES = 1 << 22;

    private ChatTemplates() {}

    static void read(Path folder, SequencedMap<String, GgufValue> metadata) throws IOException {
        Path file = folder.resolve("chat_template.jinja");
        if (Files.exists(file, LinkOption.NOFOLLOW_LINKS)) {
            if (!Files.isRegularFile(file)) {
                throw new ModelFormatException("%s: not a regular file".formatted(file));
            }
            if (Files.size(file) > MAX_BYTES) {
                throw new ModelFormatException("chat_template.jinja: %,d bytes: it can have %,d at most"
                        .formatted(Files.size(file), MAX_BYTES));
            }
            try {
                metadata.put(KEY, GgufValue.of(Files.readString(file)));
            } catch (CharacterCodingException wrong) {
                throw new ModelFormatException("chat_template.jinja: bytes that are no UTF-8", wrong);
            }
            return;
        }
        for (String name : new String[] {"tokenizer_config.json", "chat_template.json"}) {
            Path json = folder.resolve(name);
            if (!Files.exists(json)) {
                continue;
            }
            JsonNode template = JsonFile.object(json).path("chat_template");
            if (template.isString()) {
                metadata.put(KEY, GgufValue.of(template.asString()));
                return;
            }
            if (!template.isMissingNode() && !template.isNull() && !template.isArray()) {
                throw new ModelFormatException(
                        "%s: chat_template is %s: a text, or a list of entries with name and template, is needed"
                                .formatted(name, JsonFile.shown(template)));
            }
            for (JsonNode one : template) {
                String called = one.path("name").asString("");
                if (!one.path("template").isString() || !called.matches("[A-Za-z0-9_.-]+")) {
                    throw new ModelFormatException(
                            "%s: chat_template: entries with name and template are needed".formatted(name));
                }
                metadata.put(
                        called.equals("default") ? KEY : KEY + "." + called,
                        GgufValue.of(one.path("template").asString()));
            }
            if (metadata.containsKey(KEY)) {
                return;
            }
            if (!template.isEmpty()) {
                throw new ModelFormatException(
                        "%s: chat_template: none of its entries is called default".formatted(name));
            }
        }
    }
}
