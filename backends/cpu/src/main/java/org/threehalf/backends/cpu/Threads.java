package org.threehalf.backends.cpu;

/** How many threads the fast kernels use. */
final class Threads {

    static final String PROPERTY = "threehalf.threads";

    private Threads() {}

    /**
     * The system property {@value #PROPERTY}, or as many as the machine has processors.
     *
     * @throws IllegalStateException if the property is not a positive number
     */
    static int count() {
        String value = System.getProperty(PROPERTY);
        if (value == null) {
            return Runtime.getRuntime().availableProcessors();
        }
        try {
            int count = Integer.parseInt(value);
            if (count >= 1) {
                return count;
            }
        } catch (NumberFormatException notANumber) {
            throw new IllegalStateException(
                    "-D" + PROPERTY + "=" + value + ": it must be a number of threads, at least 1", notANumber);
        }
        throw new IllegalStateException("-D" + PROPERTY + "=" + value + ": it must be a number of threads, at least 1");
    }
}
