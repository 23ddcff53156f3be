export const Connect = () => <p>Connect</p>;
