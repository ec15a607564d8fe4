// Lets style sheets be imported.
/// <reference types="vite/client" />
