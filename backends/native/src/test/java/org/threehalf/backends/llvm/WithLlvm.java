package org.threehalf.backends.llvm;

import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import net.jqwik.api.lifecycle.LifecycleContext;
import net.jqwik.api.lifecycle.SkipExecutionHook;
import org.junit.jupiter.api.extension.ConditionEvaluationResult;
import org.junit.jupiter.api.extension.ExecutionCondition;
import org.junit.jupiter.api.extension.ExtensionContext;

/** For tests that need LLVM and a processor that the kernel runs on: elsewhere they are reported as NOT CHECKED, with the reason. */
public final class WithLlvm implements ExecutionCondition, SkipExecutionHook {

    private static final Optional<String> MISSING = Optional.ofNullable(NativeKernel.problem()).map(problem -> "NOT CHECKED: " + problem);

    /** For JUnit and jqwik. */
    public WithLlvm() {}

    /** A kernel of each instruction set that the processor has. Those that it has not are NOT CHECKED: the names of the cases say which were. */
    static List<NativeKernel> kernels() {
        return Stream.of(InstructionSet.values()).filter(set -> NativeKernel.problem(set) == null).map(NativeKernel::new).toList();
    }

    @Override
    public ConditionEvaluationResult evaluateExecutionCondition(ExtensionContext context) {
        return MISSING.map(ConditionEvaluationResult::disabled).orElseGet(() -> ConditionEvaluationResult.enabled("LLVM is there"));
    }

    @Override
    public SkipResult shouldBeSkipped(LifecycleContext context) {
        return MISSING.map(SkipResult::skip).orElseGet(SkipResult::doNotSkip);
    }
}
