public class BitTricks {
    public static void main(String[] args) {
        int[] is = {0, 1, -1, 0x12345678, Integer.MIN_VALUE, 0xf0f0};
        for (int i : is)
            System.out.println(Integer.bitCount(i) + " " + Integer.numberOfLeadingZeros(i) + " " + Integer.numberOfTrailingZeros(i) + " "
                    + Integer.reverse(i) + " " + Integer.reverseBytes(i) + " " + Integer.highestOneBit(i) + " " + Integer.lowestOneBit(i) + " "
                    + Integer.rotateLeft(i, 7) + " " + Integer.rotateRight(i, 39) + " " + Integer.signum(i) + " " + Integer.compareUnsigned(i, 5)
                    + " " + Integer.toUnsignedString(i) + " " + Integer.toUnsignedLong(i));
        long[] ls = {0, 1, -1, 0x123456789abcdefL, Long.MIN_VALUE};
        for (long l : ls)
            System.out.println(Long.bitCount(l) + " " + Long.numberOfLeadingZeros(l) + " " + Long.numberOfTrailingZeros(l) + " " + Long.reverse(l)
                    + " " + Long.reverseBytes(l) + " " + Long.rotateLeft(l, 13) + " " + Long.toUnsignedString(l, 16) + " " + Long.hashCode(l));
        System.out.println(Short.reverseBytes((short) 0x1234) + " " + (int) Character.reverseBytes('\u1234') + " " + Byte.toUnsignedInt((byte) -1));
    }
}
