package org.threehalf.server;

import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.Tags;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.util.function.ToDoubleFunction;
import org.threehalf.inference.batch.BatchGenerator;
import org.threehalf.inference.batch.BatchGenerator.Statistics;

/**
 * The numbers of {@code /metrics}, in Prometheus' text format. Rates are for the reader to make: counters divided by
 * time.
 */
final class ServerMetrics implements AutoCloseable {
    private final PrometheusMeterRegistry registry = new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);

    ServerMetrics(ServedModel model, BatchGenerator generator) {
        counter(generator, "answers", "answers that ended, in whatever way", Statistics::answers);
        counter(generator, "answers_cancelled", "answers whose client went away", Statistics::cancelled);
        counter(generator, "answers_failed", "answers that could not be made", Statistics::failed);
        counter(generator, "prompt_tokens", "tokens of prompts that were computed", Statistics::promptTokens);
        counter(
                generator,
                "prompt_tokens_reused",
                "tokens of prompts whose keys and values were there already",
                Statistics::reusedTokens);
        counter(generator, "tokens", "tokens drawn", Statistics::tokens);
        counter(generator, "busy_seconds", "time in which something was generated", s -> s.busyNanos() / 1e9);
        gauge(generator, "queue", "requests that wait for a slot", s -> s.queued());
        gauge(generator, "running", "answers that are being made", s -> s.running());
        gauge(generator, "slots", "answers that can be made at once", s -> generator.slots());
        gauge(generator, "context_tokens", "positions of a slot", s -> generator.context());
        Gauge.builder("threehalf.info", () -> 1)
                .description("what is served")
                .tags(Tags.of(
                        "model",
                        model.name(),
                        "sha256",
                        model.sha256(),
                        "backend",
                        model.backend(),
                        "version",
                        model.version()))
                .register(registry);
    }

    private void counter(
            BatchGenerator generator, String name, String description, ToDoubleFunction<Statistics> value) {
        FunctionCounter.builder("threehalf." + name, generator, g -> value.applyAsDouble(g.statistics()))
                .description(description)
                .register(registry);
    }

    private void gauge(BatchGenerator generator, String name, String description, ToDoubleFunction<Statistics> value) {
        Gauge.builder("threehalf." + name, generator, g -> value.applyAsDouble(g.statistics()))
                .description(description)
                .register(registry);
    }

    String text() {
        return registry.scrape();
    }

    @Override
    public void close() {
        registry.close();
    }
}
