/** One Methodref serves a super call and a virtual call of a method with a large vtable index, or of a default method. */
public class SuperAndVirtualCalls {
    interface Named {
        default String named() { return "default"; }
    }

    static class Base implements Named {
        String m0() { return "base 0"; }
        String m1() { return "base 1"; }
        String m2() { return "base 2"; }
        String m3() { return "base 3"; }
        String m4() { return "base 4"; }
        String m5() { return "base 5"; }
        String m6() { return "base 6"; }
        String m7() { return "base 7"; }
        String m8() { return "base 8"; }
        String m9() { return "base 9"; }
        String m10() { return "base 10"; }
        String m11() { return "base 11"; }
        String m12() { return "base 12"; }
        String m13() { return "base 13"; }
        String m14() { return "base 14"; }
        String m15() { return "base 15"; }
        String m16() { return "base 16"; }
        String m17() { return "base 17"; }
        String m18() { return "base 18"; }
        String m19() { return "base 19"; }
        String m20() { return "base 20"; }
        String m21() { return "base 21"; }
        String m22() { return "base 22"; }
        String m23() { return "base 23"; }
        String m24() { return "base 24"; }
        String m25() { return "base 25"; }
        String m26() { return "base 26"; }
        String m27() { return "base 27"; }
        String m28() { return "base 28"; }
        String m29() { return "base 29"; }
        String m30() { return "base 30"; }
        String m31() { return "base 31"; }
        String m32() { return "base 32"; }
        String m33() { return "base 33"; }
        String m34() { return "base 34"; }
        String m35() { return "base 35"; }
        String m36() { return "base 36"; }
        String m37() { return "base 37"; }
        String m38() { return "base 38"; }
        String m39() { return "base 39"; }
        String m40() { return "base 40"; }
        String m41() { return "base 41"; }
        String m42() { return "base 42"; }
        String m43() { return "base 43"; }
        String m44() { return "base 44"; }
        String m45() { return "base 45"; }
        String m46() { return "base 46"; }
        String m47() { return "base 47"; }
        String m48() { return "base 48"; }
        String m49() { return "base 49"; }
        String m50() { return "base 50"; }
        String m51() { return "base 51"; }
        String m52() { return "base 52"; }
        String m53() { return "base 53"; }
        String m54() { return "base 54"; }
        String m55() { return "base 55"; }
        String m56() { return "base 56"; }
        String m57() { return "base 57"; }
        String m58() { return "base 58"; }
        String m59() { return "base 59"; }
        String m60() { return "base 60"; }
        String m61() { return "base 61"; }
        String m62() { return "base 62"; }
        String m63() { return "base 63"; }
        String m64() { return "base 64"; }
        String m65() { return "base 65"; }
        String m66() { return "base 66"; }
        String m67() { return "base 67"; }
        String m68() { return "base 68"; }
        String m69() { return "base 69"; }
        String m70() { return "base 70"; }
        String m71() { return "base 71"; }
        String m72() { return "base 72"; }
        String m73() { return "base 73"; }
        String m74() { return "base 74"; }
        String m75() { return "base 75"; }
        String m76() { return "base 76"; }
        String m77() { return "base 77"; }
        String m78() { return "base 78"; }
        String m79() { return "base 79"; }
        String m80() { return "base 80"; }
        String m81() { return "base 81"; }
        String m82() { return "base 82"; }
        String m83() { return "base 83"; }
        String m84() { return "base 84"; }
        String m85() { return "base 85"; }
        String m86() { return "base 86"; }
        String m87() { return "base 87"; }
        String m88() { return "base 88"; }
        String m89() { return "base 89"; }
        String m90() { return "base 90"; }
        String m91() { return "base 91"; }
        String m92() { return "base 92"; }
        String m93() { return "base 93"; }
        String m94() { return "base 94"; }
        String m95() { return "base 95"; }
        String m96() { return "base 96"; }
        String m97() { return "base 97"; }
        String m98() { return "base 98"; }
        String m99() { return "base 99"; }
        String m100() { return "base 100"; }
        String m101() { return "base 101"; }
        String m102() { return "base 102"; }
        String m103() { return "base 103"; }
        String m104() { return "base 104"; }
        String m105() { return "base 105"; }
        String m106() { return "base 106"; }
        String m107() { return "base 107"; }
        String m108() { return "base 108"; }
        String m109() { return "base 109"; }
        String m110() { return "base 110"; }
        String m111() { return "base 111"; }
        String m112() { return "base 112"; }
        String m113() { return "base 113"; }
        String m114() { return "base 114"; }
        String m115() { return "base 115"; }
        String m116() { return "base 116"; }
        String m117() { return "base 117"; }
        String m118() { return "base 118"; }
        String m119() { return "base 119"; }
        String m120() { return "base 120"; }
        String m121() { return "base 121"; }
        String m122() { return "base 122"; }
        String m123() { return "base 123"; }
        String m124() { return "base 124"; }
        String m125() { return "base 125"; }
        String m126() { return "base 126"; }
        String m127() { return "base 127"; }
        String m128() { return "base 128"; }
        String m129() { return "base 129"; }
        String m130() { return "base 130"; }
        String m131() { return "base 131"; }
        String m132() { return "base 132"; }
        String m133() { return "base 133"; }
        String m134() { return "base 134"; }
        String m135() { return "base 135"; }
        String m136() { return "base 136"; }
        String m137() { return "base 137"; }
        String m138() { return "base 138"; }
        String m139() { return "base 139"; }
        String m140() { return "base 140"; }
        String m141() { return "base 141"; }
        String m142() { return "base 142"; }
        String m143() { return "base 143"; }
        String m144() { return "base 144"; }
        String m145() { return "base 145"; }
        String m146() { return "base 146"; }
        String m147() { return "base 147"; }
        String m148() { return "base 148"; }
        String m149() { return "base 149"; }
        String m150() { return "base 150"; }
        String m151() { return "base 151"; }
        String m152() { return "base 152"; }
        String m153() { return "base 153"; }
        String m154() { return "base 154"; }
        String m155() { return "base 155"; }
        String m156() { return "base 156"; }
        String m157() { return "base 157"; }
        String m158() { return "base 158"; }
        String m159() { return "base 159"; }
        String m160() { return "base 160"; }
        String m161() { return "base 161"; }
        String m162() { return "base 162"; }
        String m163() { return "base 163"; }
        String m164() { return "base 164"; }
        String m165() { return "base 165"; }
        String m166() { return "base 166"; }
        String m167() { return "base 167"; }
        String m168() { return "base 168"; }
        String m169() { return "base 169"; }
        String m170() { return "base 170"; }
        String m171() { return "base 171"; }
        String m172() { return "base 172"; }
        String m173() { return "base 173"; }
        String m174() { return "base 174"; }
        String m175() { return "base 175"; }
        String m176() { return "base 176"; }
        String m177() { return "base 177"; }
        String m178() { return "base 178"; }
        String m179() { return "base 179"; }
        String m180() { return "base 180"; }
        String m181() { return "base 181"; }
        String m182() { return "base 182"; }
        String m183() { return "base 183"; }
        String m184() { return "base 184"; }
        String m185() { return "base 185"; }
        String m186() { return "base 186"; }
        String m187() { return "base 187"; }
        String m188() { return "base 188"; }
        String m189() { return "base 189"; }
        String m190() { return "base 190"; }
        String m191() { return "base 191"; }
        String m192() { return "base 192"; }
        String m193() { return "base 193"; }
        String m194() { return "base 194"; }
        String m195() { return "base 195"; }
        String m196() { return "base 196"; }
        String m197() { return "base 197"; }
        String m198() { return "base 198"; }
        String m199() { return "base 199"; }
        String m200() { return "base 200"; }
        String m201() { return "base 201"; }
        String m202() { return "base 202"; }
        String m203() { return "base 203"; }
        String m204() { return "base 204"; }
        String m205() { return "base 205"; }
        String m206() { return "base 206"; }
        String m207() { return "base 207"; }
        String m208() { return "base 208"; }
        String m209() { return "base 209"; }
        String m210() { return "base 210"; }
        String m211() { return "base 211"; }
        String m212() { return "base 212"; }
        String m213() { return "base 213"; }
        String m214() { return "base 214"; }
        String m215() { return "base 215"; }
        String m216() { return "base 216"; }
        String m217() { return "base 217"; }
        String m218() { return "base 218"; }
        String m219() { return "base 219"; }
        String m220() { return "base 220"; }
        String m221() { return "base 221"; }
        String m222() { return "base 222"; }
        String m223() { return "base 223"; }
        String m224() { return "base 224"; }
        String m225() { return "base 225"; }
        String m226() { return "base 226"; }
        String m227() { return "base 227"; }
        String m228() { return "base 228"; }
        String m229() { return "base 229"; }
        String m230() { return "base 230"; }
        String m231() { return "base 231"; }
        String m232() { return "base 232"; }
        String m233() { return "base 233"; }
        String m234() { return "base 234"; }
        String m235() { return "base 235"; }
        String m236() { return "base 236"; }
        String m237() { return "base 237"; }
        String m238() { return "base 238"; }
        String m239() { return "base 239"; }
        String m240() { return "base 240"; }
        String m241() { return "base 241"; }
        String m242() { return "base 242"; }
        String m243() { return "base 243"; }
        String m244() { return "base 244"; }
        String m245() { return "base 245"; }
        String m246() { return "base 246"; }
        String m247() { return "base 247"; }
        String m248() { return "base 248"; }
        String m249() { return "base 249"; }
        String m250() { return "base 250"; }
        String m251() { return "base 251"; }
        String m252() { return "base 252"; }
        String m253() { return "base 253"; }
        String m254() { return "base 254"; }
        String m255() { return "base 255"; }
        String m256() { return "base 256"; }
        String m257() { return "base 257"; }
        String m258() { return "base 258"; }
        String m259() { return "base 259"; }
        String m260() { return "base 260"; }
        String m261() { return "base 261"; }
        String m262() { return "base 262"; }
        String m263() { return "base 263"; }
        String m264() { return "base 264"; }
        String m265() { return "base 265"; }
        String m266() { return "base 266"; }
        String m267() { return "base 267"; }
        String m268() { return "base 268"; }
        String m269() { return "base 269"; }
        String m270() { return "base 270"; }
        String m271() { return "base 271"; }
        String m272() { return "base 272"; }
        String m273() { return "base 273"; }
        String m274() { return "base 274"; }
        String m275() { return "base 275"; }
        String m276() { return "base 276"; }
        String m277() { return "base 277"; }
        String m278() { return "base 278"; }
        String m279() { return "base 279"; }
        String m280() { return "base 280"; }
        String m281() { return "base 281"; }
        String m282() { return "base 282"; }
        String m283() { return "base 283"; }
        String m284() { return "base 284"; }
        String m285() { return "base 285"; }
        String m286() { return "base 286"; }
        String m287() { return "base 287"; }
        String m288() { return "base 288"; }
        String m289() { return "base 289"; }
        String m290() { return "base 290"; }
        String m291() { return "base 291"; }
        String m292() { return "base 292"; }
        String m293() { return "base 293"; }
        String m294() { return "base 294"; }
        String m295() { return "base 295"; }
        String m296() { return "base 296"; }
        String m297() { return "base 297"; }
        String m298() { return "base 298"; }
        String m299() { return "base 299"; }
    }

    static class Sub extends Base {
        @Override
        String m299() { return "sub of " + super.m299(); }

        @Override
        public String named() { return "sub of " + super.named(); }

        String both(Base other, boolean virtualFirst) {
            if (virtualFirst) return other.m299() + ", " + super.m299() + ", " + other.named() + ", " + super.named();
            return super.m299() + ", " + other.m299() + ", " + super.named() + ", " + other.named();
        }
    }

    static class Other extends Base {
        @Override
        String m299() { return "sub of " + super.m299(); }

        @Override
        public String named() { return "sub of " + super.named(); }

        String both(Base other) {
            return other.m299() + ", " + super.m299() + ", " + other.named() + ", " + super.named();
        }
    }

    public static void main(String[] args) {
        for (int i = 0; i < 3000; i++) {
            boolean print = i % 1000 == 0;
            String first = new Sub().both(new Sub(), false) + "; " + new Sub().both(new Base(), true);
            String second = new Other().both(new Other()) + "; " + new Other().both(new Base());
            if (print) System.out.println(first + "; " + second);
        }
        try {
            new Sub().both(null, true);
        } catch (NullPointerException e) {
            System.out.println("null");
        }
    }
}
