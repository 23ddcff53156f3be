export const Trends = () => <p>Trends</p>;
