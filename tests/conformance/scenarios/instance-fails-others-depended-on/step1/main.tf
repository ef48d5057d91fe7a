resource "terraform_data" "b" {
  count = 2
  provisioner "local-exec" { command = "exit ${count.index}" }
}
resource "terraform_data" "c" { depends_on = [terraform_data.b[0]] }
