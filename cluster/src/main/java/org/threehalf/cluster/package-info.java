/**
 * Work for many machines, on Apache Spark: quantising, perplexity, conformance and generation with the same bytes as
 * one process.
 *
 * <p>{@code Cluster} hands {@code Work} to Spark and its results to the command; {@code Node} is what a task finds
 * where it runs. What a task computes is the code of the single process, called for a part of the whole: rows of a
 * matrix, a window of a text, a case, a prompt. What a whole is made of its parts, the driver joins in the fixed order
 * of the whole, so neither the number of tasks nor who computed them, nor how often one had to be repeated, changes a
 * bit.
 *
 * <p>What is read may lie on a file system of Hadoop's ({@code RemoteFiles}); what is written lies in a folder that
 * every node sees, whose parts are held against their hashes ({@code SharedFolder}).
 *
 * <p>Answers are lines that tell what they answer ({@code AnswerRun}, {@code PromptLines}), kept in a journal while
 * they come, none of which is lost without being asked for ({@code AnswerFile}).
 *
 * <p>Depends on the command line, whose commands these extend; nothing depends on it. Built in the profile
 * {@code cluster} alone.
 */
@NullMarked
package org.threehalf.cluster;

import org.jspecify.annotations.NullMarked;
