export const NoFactory = () => <p>NoFactory</p>;
