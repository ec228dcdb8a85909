package org.threehalf.evidence.report;

/**
 * Something that this run did not check.
 *
 * @param what what was left out
 * @param reason why
 * @param remedy how to have it checked
 */
public record NotChecked(String what, String reason, String remedy) {}
