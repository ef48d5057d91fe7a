resource "terraform_data" "a" {
  provisioner "local-exec" {
    command    = "exit 1"
    on_failure = continue
  }
  provisioner "local-exec" {
    command = "touch second"
  }
  provisioner "local-exec" {
    command    = "exit 1"
    when       = destroy
    on_failure = continue
  }
}
