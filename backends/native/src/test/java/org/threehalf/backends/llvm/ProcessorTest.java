package org.threehalf.backends.llvm;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/**
 * What is read off a system about its processor, and which instruction set that is. It needs neither LLVM nor the
 * processor.
 */
class ProcessorTest {

    private static Optional<InstructionSet> best(Processor processor) {
        return Stream.of(InstructionSet.values())
                .filter(set -> set.instructions().architecture() == processor.architecture())
                .filter(set -> processor.features().containsAll(set.features()))
                .findFirst();
    }

    private static Processor linux(String features) {
        return Processor.of(
                "Linux",
                "aarch64",
                "",
                "",
                List.of("processor\t: 0", "Features\t: " + features, "processor\t: 1", "Features\t: " + features));
    }

    @Test
    void linuxSaysWhatAnArmProcessorHas() {
        Processor cortexA72 = linux("fp asimd evtstrm crc32 cpuid");
        assertEquals(new Processor(Processor.Architecture.AARCH64, "aarch64", Set.of("neon")), cortexA72);
        assertEquals(Optional.of(InstructionSet.NEON), best(cortexA72));
        Processor neoverseN1 = linux(
                "fp asimd evtstrm aes pmull sha1 sha2 crc32 atomics fphp asimdhp cpuid asimdrdm lrcpc dcpop asimddp ssbs");
        assertEquals(Set.of("neon", "dotprod"), neoverseN1.features());
        assertEquals(Optional.of(InstructionSet.NEON_DOT), best(neoverseN1));
        assertEquals(Optional.of(InstructionSet.NEON_I8MM), best(linux("fp asimd asimddp sve sve2 i8mm bf16")));
    }

    /** macOS has no list, and all of its processors have the dot product. */
    @Test
    void macOsHasDotProducts() {
        assertEquals(
                Optional.of(InstructionSet.NEON_DOT),
                best(Processor.of("Mac OS X", "aarch64", "apple-m1", "", List.of())));
        assertEquals(
                Optional.of(InstructionSet.AVX2),
                best(Processor.of("Mac OS X", "x86_64", "skylake", "+avx2,+fma,+bmi2,-avx512f", List.of())));
    }

    @Test
    void x86IsWhatLlvmSays() {
        Processor processor = Processor.of(
                "Windows 11", "amd64", "znver3", "+avx2,+fma,+bmi2,-avx512f", List.of("Features: asimddp"));
        assertEquals(new Processor(Processor.Architecture.X86_64, "znver3", Set.of("avx2", "fma", "bmi2")), processor);
        assertEquals(Optional.empty(), best(Processor.of("Linux", "amd64", "nehalem", "+sse4.2", List.of())));
    }

    @Test
    void otherProcessorsHaveNoKernels() {
        Processor processor = Processor.of("Linux", "riscv64", "", "", List.of());
        assertNull(processor.architecture());
        assertTrue(best(processor).isEmpty());
    }
}
