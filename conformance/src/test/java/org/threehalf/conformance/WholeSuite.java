package org.threehalf.conformance;

import java.util.List;
import org.threehalf.conformance.ConformanceRunner.Cases;
import org.threehalf.conformance.ConformanceRunner.Options;
import org.threehalf.conformance.vectors.VectorCase;

/** All cases that need no model, made once for the tests that choose among them: making them takes seconds. */
public final class WholeSuite {
    public static final List<VectorCase> CASES =
            Cases.of(Options.withoutModel(Installation.VECTORS)).cases();

    private WholeSuite() {}
}
