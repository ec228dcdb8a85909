package org.threehalf.repository;

/**
 * Something that fails the build.
 *
 * @param what what is wrong, and where
 * @param remedy what to do about it
 */
public record Problem(String what, String remedy) {
    @Override
    public String toString() {
        return what + "\n    → " + remedy;
    }
}
