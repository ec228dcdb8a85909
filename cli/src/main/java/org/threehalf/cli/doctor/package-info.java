/**
 * {@code threehalf doctor}: what the machine has and what ThreeHalf makes of it.
 * {@link org.threehalf.cli.doctor.Diagnosis} is found out once, and printed as text or as JSON; every finding comes
 * from who acts on it (the backends' own availability, the caches' own folders), so that the answer is what a run would
 * do.
 */
@NullMarked
package org.threehalf.cli.doctor;

import org.jspecify.annotations.NullMarked;
