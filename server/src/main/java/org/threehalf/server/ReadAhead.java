package org.threehalf.server;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufHolder;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.vertx.core.http.HttpConnection;
import java.lang.reflect.Method;

/**
 * Has a connection read on while an answer is made, so that a client that goes away is noticed whatever it has sent
 * behind its request: Vert.x stops reading when requests are pipelined, and would not see the end of the connection
 * behind them. More than {@link #MOST} bytes behind a request that is being answered end the connection.
 *
 * <p>Of the event loop alone. Vert.x has no public way to a connection's channel: {@code HttpServerConnection} is of
 * its implementation, of the pinned version, and is found by name, as the package is not exported. So Vert.x has to be
 * on the class path.
 */
final class ReadAhead extends ChannelInboundHandlerAdapter {
    /** More than the small requests that some clients pipeline. */
    static final int MOST = 64 << 10;

    private static final Method CONTEXT = context();

    private final Channel channel;
    private boolean answering;
    private int ahead;

    private ReadAhead(Channel channel) {
        this.channel = channel;
    }

    private static Method context() {
        try {
            return Class.forName("io.vertx.core.http.impl.HttpServerConnection").getMethod("channelHandlerContext");
        } catch (ReflectiveOperationException e) {
            throw new IllegalStateException("this is not the version of Vert.x that the server was built with", e);
        }
    }

    /** Begins to watch a connection that has just been opened. */
    static ReadAhead of(HttpConnection connection) {
        Channel channel;
        try {
            channel = ((ChannelHandlerContext) CONTEXT.invoke(connection)).channel();
        } catch (ReflectiveOperationException e) {
            throw new IllegalStateException(
                    "the channel of a connection cannot be reached: Vert.x has to be on the class path", e);
        }
        ReadAhead watch = new ReadAhead(channel);
        channel.pipeline().addFirst(watch);
        return watch;
    }

    /** A request is whole and will be answered. */
    void begin() {
        answering = true;
        ahead = 0;
    }

    /** Its answer is written, or nobody waits for it. */
    void end() {
        answering = false;
    }

    /** To be called now and then while an answer is made: reads what has come, the end of the connection too. */
    void look() {
        if (answering && !channel.config().isAutoRead()) {
            channel.read();
        }
    }

    @Override
    public void channelRead(ChannelHandlerContext context, Object message) throws Exception {
        if (answering) {
            ahead += switch (message) {
                case ByteBuf bytes -> bytes.readableBytes();
                case ByteBufHolder holder -> holder.content().readableBytes();
                default -> 0;
            };
            if (ahead > MOST) {
                io.netty.util.ReferenceCountUtil.release(message);
                context.close();
                return;
            }
        }
        super.channelRead(context, message);
    }
}
