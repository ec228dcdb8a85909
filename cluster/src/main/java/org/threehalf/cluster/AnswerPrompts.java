package org.threehalf.cluster;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import org.jspecify.annotations.Nullable;
import org.threehalf.inference.batch.BatchGenerator;
import org.threehalf.inference.batch.DrawnToken;
import org.threehalf.inference.batch.GenerationListener;
import org.threehalf.inference.batch.GenerationRequest;
import org.threehalf.inference.generate.ConversationRefusedException;
import org.threehalf.inference.tokenizer.LoneSurrogate;
import org.threehalf.inference.tokenizer.Tokenizer;
import org.threehalf.inference.tokenizer.Utf8Stream;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * Answers prompts, all of them together: each answer's tokens and logits are those that it has alone (REQ-DEC-006).
 *
 * @param model what is run
 * @param run how it is asked
 * @param prompts at least one
 */
record AnswerPrompts(Engine.Key model, AnswerRun run, List<PromptLines.Prompt> prompts)
        implements Work<ArrayList<String>> {
    private static final long serialVersionUID = 1;

    /** The answers, a line of JSON each, in the order of the prompts. */
    @Override
    public ArrayList<String> run(Node node) throws Exception {
        return Engine.use(model, node, engine -> {
            BatchGenerator generator = engine.generator(run.context(), prompts.size());
            List<Answer> answers = new ArrayList<>();
            List<GenerationRequest> requests = new ArrayList<>();
            CountDownLatch open = new CountDownLatch(prompts.size());
            for (PromptLines.Prompt prompt : prompts) {
                Answer answer = new Answer(engine.model().tokenizer(), open);
                answers.add(answer);
                try {
                    int[] tokens = run.form()
                            .feed(engine.model(), run.context(), prompt.prompt())
                            .tokens();
                    requests.add(
                            new GenerationRequest(tokens, prompt.tokens(), run.sampling(), prompt.seed(), -1, true));
                } catch (IllegalArgumentException | ConversationRefusedException unfit) {
                    // A template may have cut a message anywhere.
                    answer.refused = LoneSurrogate.replaced(String.valueOf(unfit.getMessage()));
                    open.countDown();
                }
            }
            List<BatchGenerator.Handle> handles = requests.isEmpty()
                    ? List.of()
                    : generator.submit(
                            requests,
                            answers.stream()
                                    .filter(answer -> answer.refused == null)
                                    .toList());
            try {
                open.await();
            } finally {
                handles.forEach(BatchGenerator.Handle::cancel);
            }
            ObjectNode shared = run.json();
            ArrayList<String> lines = new ArrayList<>();
            for (int i = 0; i < answers.size(); i++) {
                lines.add(answers.get(i).json(prompts.get(i), shared));
            }
            return lines;
        });
    }

    @Override
    public String reads() {
        return model.model().path();
    }

    /** An answer as it comes. */
    private static final class Answer implements GenerationListener {
        private final Tokenizer tokenizer;
        private final CountDownLatch open;
        private final Utf8Stream utf8 = new Utf8Stream();
        private final StringBuilder text = new StringBuilder();
        private final List<Integer> ids = new ArrayList<>();
        private @Nullable Summary summary;
        private @Nullable RuntimeException failure;
        private @Nullable String refused;

        private Answer(Tokenizer tokenizer, CountDownLatch open) {
            this.tokenizer = tokenizer;
            this.open = open;
        }

        @Override
        public boolean drawn(DrawnToken token) {
            ids.add(token.id());
            text.append(utf8.append(tokenizer.bytes(token.id())));
            return true;
        }

        @Override
        public void ended(Summary whole) {
            text.append(utf8.end());
            summary = whole;
            open.countDown();
        }

        @Override
        public void failed(RuntimeException cause) {
            failure = cause;
            open.countDown();
        }

        /** The latch makes what the generating thread wrote visible. */
        private String json(PromptLines.Prompt prompt, ObjectNode run) {
            if (failure != null) {
                throw failure;
            }
            ObjectNode line = PromptLines.JSON.createObjectNode().put("line", prompt.line());
            if (prompt.id() != null) {
                line.set("id", PromptLines.JSON.readTree(prompt.id()));
            }
            line.put("request", prompt.request(run.toString()))
                    .put("seed", prompt.seed())
                    .put("max_tokens", prompt.tokens());
            line.set("run", run);
            if (refused != null) {
                return line.put("error", refused).toString();
            }
            Summary whole = java.util.Objects.requireNonNull(summary);
            line.put("prompt_tokens", whole.promptTokens())
                    .put("tokens", whole.tokens())
                    .put("end", whole.end().name().toLowerCase(java.util.Locale.ROOT))
                    .put("text", text.toString());
            ArrayNode tokens = line.putArray("token_ids");
            ids.forEach(tokens::add);
            return line.put("logits_sha256", whole.logitsSha256()).toString();
        }
    }
}
