package org.threehalf.lean;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

class SlotsTest {
    @Test
    @Timeout(60)
    void thoseThatGoFirstPassThoseThatCameEarlier() throws InterruptedException {
        Slots slots = new Slots(1);
        List<String> order = Collections.synchronizedList(new ArrayList<>());
        slots.acquire(true);
        List<Thread> threads = new ArrayList<>();
        for (String name : List.of("second", "first")) {
            Thread thread = Thread.ofPlatform().start(() -> {
                try {
                    slots.acquire(name.equals("first"));
                    order.add(name);
                    slots.release();
                } catch (InterruptedException e) {
                    Thread.currentThread().interrupt();
                }
            });
            threads.add(thread);
            while (thread.getState() != Thread.State.WAITING) {
                Thread.onSpinWait();
            }
        }
        slots.release();
        for (Thread thread : threads) {
            thread.join();
        }
        assertEquals(List.of("first", "second"), order);
    }

    @Test
    @Timeout(60)
    void oneThatIsInterruptedHoldsNobodyBack() throws InterruptedException {
        Slots slots = new Slots(1);
        slots.acquire(false);
        Thread first = Thread.ofPlatform().start(() -> {
            try {
                slots.acquire(true);
            } catch (InterruptedException e) {
                // What the test is about: it leaves the queue.
            }
        });
        while (first.getState() != Thread.State.WAITING) {
            Thread.onSpinWait();
        }
        first.interrupt();
        first.join();
        slots.release();
        slots.acquire(false);
        slots.release();
    }
}
