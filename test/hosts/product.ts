// What the child processes of these tests and the bench use of the product, bundled as one file.
export { edited } from '../../main/hosts/edit.ts'
export { readHostsFile } from '../../main/hosts/file.ts'
export { writeInPlace } from '../../main/hosts/in-place.ts'
export { saveHosts } from '../../main/hosts/save.ts'
export { settleHosts } from '../../main/hosts/settle.ts'
