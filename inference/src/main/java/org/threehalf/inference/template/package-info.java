/**
 * Templates in Jinja's language, as chat templates of models are written in it. Sandboxed by what it is: a template
 * reads the values that it is given, and nothing else of Java is there for it; steps, sizes and depth are bounded, and
 * every operation spends steps for what it touches. Which characters of what it writes are somebody else's is known.
 *
 * <p>An interpreter of its own, since the templates lean on Python (methods of strings, slices, truth and spelling of
 * values) where the Java ports of Jinja have Java's. Depends on nothing.
 */
@NullMarked
package org.threehalf.inference.template;

import org.jspecify.annotations.NullMarked;
