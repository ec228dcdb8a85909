package org.threehalf.backends.llvm;

import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import net.jqwik.api.lifecycle.LifecycleContext;
import net.jqwik.api.lifecycle.SkipExecutionHook;
import org.junit.jupiter.api.extension.ConditionEvaluationResult;
import org.junit.jupiter.api.extension.ExecutionCondition;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.params.provider.Arguments;

/**
 * For tests that need LLVM and a processor that the kernel runs on: elsewhere they are reported as NOT CHECKED, with
 * the reason.
 */
public final class WithLlvm implements ExecutionCondition, SkipExecutionHook {

    private static final Optional<String> MISSING =
            Optional.ofNullable(NativeKernel.problem()).map(problem -> "NOT CHECKED: " + problem);

    /** For JUnit and jqwik. */
    public WithLlvm() {}

    /**
     * The instruction sets that the processor has. Code for the others is compiled and looked at
     * ({@code CompiledInstructionsTest}), and its results are NOT CHECKED.
     */
    static List<InstructionSet> sets() {
        return Stream.of(InstructionSet.values())
                .filter(set -> NativeKernel.problem(set) == null)
                .toList();
    }

    /** A kernel of each instruction set that the processor has. */
    static List<NativeKernel> kernels() {
        return sets().stream().map(NativeKernel::new).toList();
    }

    /** Each instruction set that the processor has with each of the values, by their names. */
    static Stream<Arguments> setsAnd(List<?> values) {
        return sets().stream()
                .flatMap(set -> values.stream().map(value -> Arguments.argumentSet(set + ", " + value, set, value)));
    }

    @Override
    public ConditionEvaluationResult evaluateExecutionCondition(ExtensionContext context) {
        return MISSING.map(ConditionEvaluationResult::disabled)
                .orElseGet(() -> ConditionEvaluationResult.enabled("LLVM is there"));
    }

    @Override
    public SkipResult shouldBeSkipped(LifecycleContext context) {
        return MISSING.map(SkipResult::skip).orElseGet(SkipResult::doNotSkip);
    }
}
