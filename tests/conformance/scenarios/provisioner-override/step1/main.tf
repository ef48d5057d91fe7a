resource "terraform_data" "a" {
  provisioner "local-exec" {
    command = "exit 1"
  }
  provisioner "local-exec" {
    command = "exit 2"
  }
}
