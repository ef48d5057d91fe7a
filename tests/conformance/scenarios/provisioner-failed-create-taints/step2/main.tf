variable "ok" { default = false }
resource "terraform_data" "a" {
  input = "x"
  provisioner "local-exec" {
    command = "echo made ${self.output}"
  }
  provisioner "local-exec" {
    command = var.ok ? "true" : "exit 3"
  }
}
resource "terraform_data" "b" {
  input = terraform_data.a.output
}
