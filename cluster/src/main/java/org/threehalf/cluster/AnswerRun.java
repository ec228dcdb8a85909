package org.threehalf.cluster;

import java.io.Serializable;
import java.nio.charset.StandardCharsets;
import java.time.LocalDateTime;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;
import org.threehalf.inference.generate.PromptForm;
import org.threehalf.kernels.io.Sha256;
import org.threehalf.kernels.transformer.TokenSampler;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * What all answers of a run share: who asks the same prompt with the same seed in the same run gets the same bits. It
 * stands in each line of answers, so that an answer tells what it is one of.
 *
 * @param version of ThreeHalf
 * @param model {@link org.threehalf.inference.model.ModelFiles#sha256} of the model
 * @param ignoredKeys keys of its metadata that were ignored
 * @param context positions of a prompt and its answer
 * @param temperature of {@link TokenSampler.Settings}
 * @param topK of the same
 * @param topP of the same
 * @param form how a prompt is fed; it has a time only where the template asks for one
 */
record AnswerRun(
        String version,
        String model,
        TreeSet<String> ignoredKeys,
        int context,
        float temperature,
        int topK,
        float topP,
        PromptForm form)
        implements Serializable {
    private static final long serialVersionUID = 1;

    private static final String TIME = "time";
    /** What a person calls the members. */
    private static final Map<String, String> NAMES = Map.of(
            "threehalf", "ThreeHalf",
            "model_sha256", "model (SHA-256)",
            "ignored_keys", "--ignore-key",
            "context", "--context",
            "temperature", "--temperature",
            "top_k", "--top-k",
            "top_p", "--top-p",
            "system_sha256", "--system (SHA-256)",
            "template_sha256", "--chat-template (SHA-256)",
            "prompts", "prompts (--chat, --special)");

    /** How tokens are drawn. */
    TokenSampler.Settings sampling() {
        return new TokenSampler.Settings(temperature, topK, topP);
    }

    /** The same as an object of JSON; what is not given is not in it. */
    ObjectNode json() {
        ObjectNode json = PromptLines.JSON
                .createObjectNode()
                .put("threehalf", version)
                .put("model_sha256", model)
                .put("context", context)
                .put("temperature", temperature)
                .put("top_k", topK)
                .put("top_p", topP)
                .put("prompts", form.chat() ? "messages" : form.special() ? "texts with control tokens" : "texts");
        if (!ignoredKeys.isEmpty()) {
            ArrayNode keys = json.putArray("ignored_keys");
            ignoredKeys.forEach(keys::add);
        }
        if (!form.instructions().isEmpty()) {
            json.put("system_sha256", hash(form.instructions()));
        }
        String template = form.template();
        if (template != null) {
            json.put("template_sha256", hash(template));
        }
        LocalDateTime time = form.time();
        if (time != null) {
            json.put(TIME, time.toString());
        }
        return json;
    }

    private static String hash(String text) {
        return Sha256.of(text.getBytes(StandardCharsets.UTF_8));
    }

    /** The time that a run was told, which is in {@link #json()}. */
    static Optional<LocalDateTime> time(JsonNode run) {
        return run.path(TIME).stringValueOpt().map(LocalDateTime::parse);
    }

    /**
     * In what a run differs from this one, for a person; empty if in nothing.
     *
     * @param other {@link #json()} of it
     */
    List<String> differences(JsonNode other) {
        // As it is read: numbers are compared as they are written.
        JsonNode here = PromptLines.JSON.readTree(json().toString());
        Set<String> names = new LinkedHashSet<>(here.propertyNames());
        names.addAll(other.propertyNames());
        List<String> differences = new ArrayList<>();
        for (String name : names) {
            if (!here.path(name).equals(other.path(name))) {
                differences.add("%s %s (now %s)"
                        .formatted(NAMES.getOrDefault(name, name), shown(other.get(name)), shown(here.get(name))));
            }
        }
        return differences;
    }

    private static String shown(@Nullable JsonNode value) {
        if (value == null) {
            return "not given";
        }
        String text = value.isString() ? value.stringValue() : value.toString();
        return text.matches("[0-9a-f]{64}") ? text.substring(0, 12) + "…" : text;
    }
}
