/**
 * A server that speaks the OpenAI API over HTTP. An answer's tokens, and the bits of the logits that they are drawn
 * from, do not depend on who else is asking (REQ-DEC-006).
 *
 * <p>{@link org.threehalf.server.InferenceServer} listens; {@link org.threehalf.server.RequestReader} takes requests
 * apart and refuses what it does not compute; {@link org.threehalf.server.AnswerWriter} is told of tokens and writes
 * them, whole or as server-sent events. The generating is done by {@link org.threehalf.inference.batch.BatchGenerator}.
 * Depends on {@code inference}; the command line starts it.
 */
@NullMarked
package org.threehalf.server;

import org.jspecify.annotations.NullMarked;
