resource "terraform_data" "b" {
  count = 2
  provisioner "local-exec" { command = "exit ${count.index}" }
}
resource "terraform_data" "c" { input = terraform_data.b[0].id }
resource "terraform_data" "d" { input = terraform_data.b[1].id }
resource "terraform_data" "e" { input = length(terraform_data.b) }
output "p" { value = terraform_data.c.output }
output "q" { value = terraform_data.d.output }
output "r" { value = terraform_data.b[0].id }
output "s" { value = length(terraform_data.b) }
