public interface InterfaceMain { static void main(String[] args) { System.out.println("fine in an interface"); } }
