/**
 * A model in this process as LangChain4j's chat model: {@link org.threehalf.langchain4j.LocalChatModel}. Depends on
 * {@code inference} and LangChain4j's core; a backend has to be on the class path when it runs. Programs that talk to
 * {@code threehalf serve} need none of this: LangChain4j's own client of the OpenAI API does it.
 */
@NullMarked
package org.threehalf.langchain4j;

import org.jspecify.annotations.NullMarked;
