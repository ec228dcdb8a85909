package org.threehalf.backends.groq;

import java.nio.file.Path;
import java.util.Objects;
import java.util.Optional;
import net.jqwik.api.lifecycle.LifecycleContext;
import net.jqwik.api.lifecycle.SkipExecutionHook;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.extension.ConditionEvaluationResult;
import org.junit.jupiter.api.extension.ExecutionCondition;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.threehalf.backends.groq.toolchain.MlirTools;
import org.threehalf.backends.groq.toolchain.ModuleCache;
import org.threehalf.backends.groq.toolchain.Pipeline;
import org.threehalf.backends.groq.toolchain.ProcessorCompiler;

/**
 * For tests that need MLIR's tools: where these are missing, the tests are reported as NOT CHECKED, with the reason.
 */
public final class WithMlir implements ExecutionCondition, SkipExecutionHook {

    private static final @Nullable MlirTools TOOLS;
    private static final Optional<String> MISSING;

    static {
        MlirTools tools = null;
        Optional<String> missing = Optional.empty();
        try {
            tools = MlirTools.find();
        } catch (IllegalStateException e) {
            missing = Optional.of("NOT CHECKED: " + e.getMessage());
            Checks.notChecked("modules verified, lowered and run by MLIR's tools", String.valueOf(e.getMessage()));
        }
        TOOLS = tools;
        MISSING = missing;
    }

    /** For JUnit and jqwik. */
    public WithMlir() {}

    /** The tools; asked for only where a test is not skipped. */
    public static MlirTools tools() {
        return Objects.requireNonNull(TOOLS);
    }

    @Override
    public ConditionEvaluationResult evaluateExecutionCondition(ExtensionContext context) {
        return MISSING.map(ConditionEvaluationResult::disabled)
                .orElseGet(() -> ConditionEvaluationResult.enabled("MLIR's tools are there"));
    }

    @Override
    public SkipResult shouldBeSkipped(LifecycleContext context) {
        return MISSING.map(SkipResult::skip).orElseGet(SkipResult::doNotSkip);
    }

    /** A compiler with a cache of the build, not of the user. */
    public static ProcessorCompiler compiler() {
        return new ProcessorCompiler(cache());
    }

    /** Its cache. */
    public static ModuleCache cache() {
        return new ModuleCache(Path.of("target", "groq-mlir-cache"), new Pipeline(tools()));
    }
}
