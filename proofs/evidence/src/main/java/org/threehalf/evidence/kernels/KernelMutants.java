package org.threehalf.evidence.kernels;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.threehalf.jml.ContractCheck;
import org.threehalf.jml.frontend.Lookup;
import org.threehalf.jml.frontend.SourceReader;
import org.threehalf.jml.mutation.HollowBodies;
import org.threehalf.jml.mutation.MutationCheck;
import org.threehalf.jml.mutation.Mutator;

/** Mutants of the kernels, judged by their contracts. */
public final class KernelMutants {
    /** What reports call these mutants. */
    public static final String SUITE =
            "contracts of the kernels: gutted bodies of all methods, faults of all methods on floating point and of the reference's other methods";

    private KernelMutants() {}

    /** Mutates the kernels and writes {@link #results}. */
    public static MutationCheck.Report run(Path root, MutationCheck.Choice choice)
            throws IOException, InterruptedException {
        Path normal = root.toAbsolutePath().normalize();
        Lookup lookup = Lookup.sources(List.of(normal.resolve(KernelContracts.SOURCES)));
        Map<String, String> explanations = MutationCheck.explanations(Lists.text("survivors.txt"));
        long seed = Long.getLong("mutants.seed", 1);
        List<SourceReader.Source> all = ContractCheck.sources(KernelContracts.provedSources(normal), normal);
        List<SourceReader.Source> reference = ContractCheck.sources(KernelContracts.referenceSources(normal), normal);
        List<Mutator.Mutant> gutted = HollowBodies.mutants(all, lookup);
        List<Mutator.Mutant> faults = MutationCheck.mutants(reference, lookup);
        Set<String> chosen = choice.among(gutted, seed);
        chosen.addAll(choice.among(faults, seed));
        MutationCheck.Report hollow = HollowBodies.check(
                all,
                lookup,
                gutted,
                explanations,
                KernelContracts.openClauses(),
                ContractCheck.cache(),
                m -> chosen.contains(m.id()));
        MutationCheck.Report others = MutationCheck.check(
                reference,
                lookup,
                faults,
                explanations,
                KernelContracts.openClauses(),
                ContractCheck.cache(),
                m -> chosen.contains(m.id()));
        MutationCheck.Report report = hollow.with(others).chosenBy(choice.words(seed));
        MutationCheck.write(report, SUITE, results(normal));
        return report;
    }

    /** Where the result file is. */
    public static Path results(Path root) {
        return root.resolve("proofs/evidence/target/results/contract-mutants.json");
    }
}
