resource "terraform_data" "a" {
  provisioner "local-exec" {
    command = "echo one"
  }
  provisioner "local-exec" {
    command = "echo two"
  }
}
