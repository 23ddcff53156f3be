export const Setup = () => <p>Setup</p>;
